// One early-exit threshold per exit for a mean cost, MSDNet's way (budgeted batch classification, arXiv 1703.09844): exit k is to answer a
// share of the frames proportional to q^k, and of those still there the most confident leave. Pure.
import type { StageTable } from '../core/stage-table.ts';
import type { ExitAnswers } from './exit-answers.ts';
import { type EarlyExit, earlyExit, thresholdForBudget } from './exit-threshold.ts';

/** q from "everybody at the first exit" to "everybody at the last", as log q; halved until it is found to nine digits. */
const LOG_Q = 16;
const HALVINGS = 40;
/** Rounding of a sum over frames must not refuse a budget that is exactly what is spent. */
const BUDGET_SLACK = 1e-9;

/**
 * The thresholds of the largest q whose mean cost on these frames is at most `passes`; all 0 (everybody leaves at exit 1) when even that
 * costs more. The last exit's is 0: who comes so far leaves there. Choose them on held-out data, never on test data.
 */
export function thresholdsForBudget(
  exits: readonly ExitAnswers[],
  labels: ArrayLike<number>,
  table: StageTable,
  passes: number,
): EarlyExit<readonly number[]> {
  const outcomeOf = (logQ: number) => {
    const thresholds = thresholdsForShares(exits, sharesOf(Math.exp(logQ), exits.length));
    return earlyExit<readonly number[]>(exits, labels, table, thresholds);
  };
  const fits = ({ meanPasses }: { readonly meanPasses: number }) => meanPasses <= passes + BUDGET_SLACK;
  const all = outcomeOf(LOG_Q);
  if (fits(all)) return all;
  const noThresholds = exits.map(() => 0);
  let best = earlyExit<readonly number[]>(exits, labels, table, noThresholds);
  let [low, high] = [-LOG_Q, LOG_Q];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    const outcome = outcomeOf(middle);
    if (fits(outcome)) [low, best] = [middle, outcome];
    else high = middle;
  }
  return best;
}

export interface BudgetChoice {
  /** The better of the two on these frames. */
  readonly chosen: EarlyExit;
  /** One threshold for all exits. */
  readonly common: EarlyExit<number>;
  readonly perExit: EarlyExit<readonly number[]>;
}

/** What makes most of a mean cost of `passes` a frame; among equals the common threshold, which is simpler. */
export function bestForBudget(
  exits: readonly ExitAnswers[],
  labels: ArrayLike<number>,
  table: StageTable,
  passes: number,
): BudgetChoice {
  const common = thresholdForBudget(exits, labels, table, passes);
  const perExit = thresholdsForBudget(exits, labels, table, passes);
  return { chosen: perExit.accuracy > common.accuracy ? perExit : common, common, perExit };
}

/** Shares proportional to q, q², …, q^exits. */
export function sharesOf(q: number, exits: number): number[] {
  const weights = Array.from({ length: exits }, (_, k) => q ** (k + 1));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * For each exit in order the confidence of the last of the top N·share among the frames that have not left, who leave with all that are as
 * confident; 1 where the share is less than half a frame, 0 at the last exit and once nobody is left.
 */
export function thresholdsForShares(exits: readonly ExitAnswers[], shares: readonly number[]): number[] {
  const frames = exits[0]?.confidences.length ?? 0;
  let waiting = Array.from({ length: frames }, (_, frame) => frame);
  return exits.map(({ confidences }, k) => {
    const own = waiting.map((frame) => confidences[frame] as number).sort((a, b) => b - a);
    const leaving = Math.min(own.length, Math.round(frames * (shares[k] as number)));
    const isLast = k === exits.length - 1 || own.length === 0;
    const threshold = isLast ? 0 : leaving === 0 ? 1 : (own[leaving - 1] as number);
    waiting = waiting.filter((frame) => (confidences[frame] as number) < threshold);
    return threshold;
  });
}
