// The best epoch so far by validation: its averaged weights lie in best.bin, apart from the checkpoint, and are exported at the end when the
// last epoch is worse.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCheckpoint, type StoredTensor, writeCheckpoint } from '../network/checkpoint.ts';
import type { ExitReport } from './validate.ts';

export interface Best {
  /** From 1. */
  readonly epoch: number;
  /** Steps done by its end. */
  readonly step: number;
  /** Mean over the exits, 0…1: what decides. Of the last exit alone with weights `opt`, which train for nothing else. */
  readonly meanAccuracy: number;
  readonly exits: readonly ExitReport[];
}

export function meanAccuracy(exits: readonly ExitReport[]): number {
  return exits.reduce((sum, { accuracy }) => sum + accuracy, 0) / exits.length;
}

/** The better of the two; of equals the later, whose weights have seen more. */
export function better(best: Best | null, candidate: Best): Best {
  return best !== null && best.meanAccuracy > candidate.meanAccuracy ? best : candidate;
}

/** Atomic. `tensors`: the averaged weights, BatchNorm calibrated for them. */
export async function writeBest(
  folder: string,
  fingerprint: string,
  best: Best,
  tensors: ReadonlyMap<string, StoredTensor>,
): Promise<void> {
  await writeCheckpoint(join(folder, 'best.bin'), { state: { fingerprint, ...best }, tensors });
}

/**
 * The weights of that very epoch; null when the file is missing or holds another one's (a crash between writing it and writing the
 * checkpoint, then other epochs asked for). Errors: bad-argument when the file is damaged.
 */
export async function readBest(
  folder: string,
  fingerprint: string,
  best: Best,
): Promise<ReadonlyMap<string, StoredTensor> | null> {
  const path = join(folder, 'best.bin');
  if (!existsSync(path)) return null;
  const { state, tensors } = await readCheckpoint(path);
  const { fingerprint: of, step } = state as { fingerprint: string } & Best;
  return of === fingerprint && step === best.step ? tensors : null;
}
