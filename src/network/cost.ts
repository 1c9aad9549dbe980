// Cost: multiply-accumulates (MACs) of every stage and head, from the shapes, and what a depth costs in passes.
// Counted: convolutions and the heads' linear layers. Biases, pools and activations are not (under 2 % of the time).
import { AnytimeError } from '../errors.ts';
import type { Network } from './config.ts';
import { type Shape, sizeOf, stageShapes } from './shapes.ts';

export interface StageCost {
  /** MACs of the stage's units for one frame, the head apart. */
  readonly macs: number;
  readonly headMacs: number;
  /** Passes up to and with this exit: every stage and head so far over all of them. The last is 1. */
  readonly passes: number;
  readonly activations: Shape;
}

/** Cost of each stage. Running a stage always runs its head, so a depth costs all its stages and all its heads. */
export function stageCosts(network: Network, classes: number): StageCost[] {
  const costs = stageShapes(network).map(({ frame, trunk, output }) => ({
    macs: [...frame, ...trunk]
      .flatMap((unit) => unit.convolutions)
      .reduce((sum, { kernel, at }) => sum + at[0] * at[1] * sizeOf(kernel), 0),
    headMacs: output[2] * classes,
    activations: output,
  }));
  const total = costs.reduce((sum, { macs, headMacs }) => sum + macs + headMacs, 0);
  let sum = 0;
  return costs.map((cost) => {
    sum += cost.macs + cost.headMacs;
    return { ...cost, passes: sum / total };
  });
}

/** MACs of one pass: one full-depth run for one frame, heads included. */
export function passMacs(costs: readonly { readonly macs: number; readonly headMacs: number }[]): number {
  return costs.reduce((sum, { macs, headMacs }) => sum + macs + headMacs, 0);
}

/**
 * Passes that a frame has used once `stage` is done; 0 for stage 0 (nothing done).
 * Errors: bad-argument for a stage that the network does not have.
 */
export function passesAt(costs: readonly { readonly passes: number }[], stage: number): number {
  const passes = stage === 0 ? 0 : costs[stage - 1]?.passes;
  if (passes === undefined)
    throw new AnytimeError('bad-argument', `Expected a stage from 0 to ${costs.length}, got ${stage}`);
  return passes;
}
