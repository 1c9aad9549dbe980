// A training that begins with what another one learnt: its averaged weights and the normalisation they were learnt with.
import { join } from 'node:path';
import { AnytimeError } from '../errors.ts';
import { readCheckpoint } from '../network/checkpoint.ts';
import type { Normalisation } from './frames.ts';
import type { Parameter } from './parameters.ts';
import type { Progress } from './progress.ts';

export interface Beginning {
  readonly parameters: readonly Parameter[];
  readonly normalisation: Normalisation;
}

/** What decides which frames are held out. */
export interface HeldOut {
  /** Frames in all, those held out among them. */
  readonly frames: number;
  readonly seed: number;
  readonly validationShare: number;
}

/**
 * `fresh` with the values that the run in `folder` ended with. Its body must fit whole; its heads are taken when they name the same classes,
 * else the new ones begin as they are. Errors: bad-argument when there is no checkpoint, when the body is another one, or when it learnt
 * from as many frames but held out others: what is held out now would be known to it.
 */
export async function beginFrom(
  folder: string,
  fresh: readonly Parameter[],
  classes: readonly string[],
  heldOut: HeldOut,
): Promise<Beginning> {
  const { state, tensors } = await readCheckpoint(join(folder, 'checkpoint.bin'));
  const run = state as Pick<Progress, 'fingerprint' | 'classes' | 'normalisation'>;
  const isSameClasses = run.classes.length === classes.length && run.classes.every((name, i) => name === classes[i]);
  if (isSameClasses) refuseKnownFrames(folder, JSON.parse(run.fingerprint) as HeldOut, heldOut);
  const parameters = fresh.map((parameter) => {
    if (parameter.role === 'head' && !isSameClasses) return parameter;
    const stored = tensors.get(`average/${parameter.name}`);
    if (stored?.shape.join() !== parameter.shape.join()) {
      throw new AnytimeError(
        'bad-argument',
        `Expected the run in ${folder} to be of this network: ${parameter.name} has the shape ${parameter.shape.join('×')}, there ${stored?.shape.join('×') ?? 'it is missing'}`,
      );
    }
    return { ...parameter, values: stored.data };
  });
  return { parameters, normalisation: run.normalisation };
}

function refuseKnownFrames(folder: string, then: HeldOut, now: HeldOut): void {
  if (then.frames !== now.frames) return; // other data; a part of the same data cannot be told from that
  if (then.seed === now.seed && then.validationShare === now.validationShare) return;
  throw new AnytimeError(
    'bad-argument',
    `Expected the seed and the share held out of the run in ${folder} (${then.seed} and ${then.validationShare}), because it learnt from the other frames, got ${now.seed} and ${now.validationShare}`,
  );
}
