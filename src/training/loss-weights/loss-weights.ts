// How much each exit's loss counts: the schemes by name. Those of "Anytime Neural Network" (arXiv 1708.06832) are fixed; AdaLoss follows the
// losses and remembers their running mean.
import { type AdaLossState, adaLoss, adaLossWeights } from './ada-loss.ts';
import { constWeights } from './const.ts';
import { halfEndWeights } from './half-end.ts';
import { linearWeights } from './linear.ts';
import { optWeights } from './opt.ts';
import { sieveWeights } from './sieve.ts';

export const LOSS_WEIGHTS = ['sieve', 'const', 'linear', 'half-end', 'adaloss', 'opt'] as const;
export type LossWeights = (typeof LOSS_WEIGHTS)[number];

/** What a scheme remembers between steps, as plain JSON for the checkpoint; null before the first step and for fixed schemes. */
export type LossWeightState = AdaLossState | null;

const FIXED: Readonly<Record<Exclude<LossWeights, 'adaloss'>, (exits: number) => number[]>> = {
  sieve: sieveWeights,
  const: constWeights,
  linear: linearWeights,
  'half-end': halfEndWeights,
  opt: optWeights,
};

/** Weights B_1 … B_L of the next step; only their ratios matter. AdaLoss begins with all alike. */
export function lossWeights(scheme: LossWeights, exits: number, state: LossWeightState = null): number[] {
  if (scheme !== 'adaloss') return FIXED[scheme](exits);
  return state === null ? constWeights(exits) : adaLossWeights(state);
}

/** What to remember after a step with these losses. */
export function afterStep(scheme: LossWeights, state: LossWeightState, losses: readonly number[]): LossWeightState {
  return scheme === 'adaloss' ? adaLoss(state, losses).state : null;
}
