// What leaving early is worth: accuracy and cost when each frame stops at the first exit that is confident enough. Pure; the decision itself
// is serving's own (core/exit-policy.ts).
import { decideExit, type MinConfidence } from '../core/exit-policy.ts';
import type { StageTable } from '../core/stage-table.ts';
import type { ExitAnswers } from './exit-answers.ts';

/** `Confidence`: a number for all exits, or one per exit. */
export interface EarlyExit<Confidence extends MinConfidence = MinConfidence> {
  readonly minConfidence: Confidence;
  readonly accuracy: number;
  /** Mean cost of a frame, passes. */
  readonly meanPasses: number;
  /** Mean stage at which frames stopped. */
  readonly meanDepth: number;
  /** Share of the frames that stopped at each stage. */
  readonly shares: readonly number[];
}

/** A threshold above every confidence: nobody leaves early. */
export const FULL_DEPTH = 2;

/** With time and budget for full depth, so that confidence alone decides. */
export function earlyExit<Confidence extends MinConfidence>(
  exits: readonly ExitAnswers[],
  labels: ArrayLike<number>,
  table: StageTable,
  minConfidence: Confidence,
): EarlyExit<Confidence> {
  const stopped = exits.map(() => 0);
  const leaving = leavingStages(exits, labels.length, table, minConfidence);
  let right = 0;
  let passes = 0;
  for (let i = 0; i < labels.length; i++) {
    const stage = leaving[i] as number;
    stopped[stage - 1] = (stopped[stage - 1] as number) + 1;
    passes += table.passesAt(stage);
    if (exits[stage - 1]?.classes[i] === labels[i]) right++;
  }
  const shares = stopped.map((count) => count / labels.length);
  return {
    minConfidence,
    accuracy: right / labels.length,
    meanPasses: passes / labels.length,
    meanDepth: shares.reduce((sum, share, i) => sum + share * (i + 1), 0),
    shares,
  };
}

/** Stage at which each frame stops, from 1, with time and budget for full depth. */
export function leavingStages(
  exits: readonly ExitAnswers[],
  frames: number,
  table: StageTable,
  minConfidence: MinConfidence,
): Uint8Array {
  return Uint8Array.from({ length: frames }, (_, i) => {
    let stage = 1;
    while (!stops(stage, exits[stage - 1]?.confidences[i] as number, minConfidence, table)) stage++;
    return stage;
  });
}

/** Observed confidences that are tried for a budget, besides the steps of 0.01. */
const QUANTILES = 100;

/**
 * The threshold that makes most of a mean cost of `passes` a frame: of the steps of 0.01 and quantiles of the confidences shown here, where most
 * may lie between two steps, the most accurate of those that keep to it, the cheapest among equals; threshold 0 (everybody leaves at exit 1)
 * when even that costs more. Choose it on held-out data, never on test data.
 */
export function thresholdForBudget(
  exits: readonly ExitAnswers[],
  labels: ArrayLike<number>,
  table: StageTable,
  passes: number,
): EarlyExit<number> {
  let best = earlyExit<number>(exits, labels, table, 0);
  for (const threshold of candidates(exits)) {
    const outcome = earlyExit(exits, labels, table, threshold);
    if (outcome.meanPasses > passes) break; // costs rise with the threshold
    if (outcome.accuracy > best.accuracy) best = outcome;
  }
  return best;
}

/** Ascending, above 0 and at most 1. Observed ones are rounded down to six digits, so that who shows one leaves at it. */
function candidates(exits: readonly ExitAnswers[]): number[] {
  const steps = Array.from({ length: 100 }, (_, i) => (i + 1) / 100);
  const shown = exits.slice(0, -1).flatMap(({ confidences }) => [...confidences]);
  const order = Float32Array.from(shown).sort();
  const quantiles = Array.from({ length: order.length === 0 ? 0 : QUANTILES }, (_, i) => {
    const confidence = order[Math.floor((i / QUANTILES) * order.length)] as number;
    return Math.floor(confidence * 1e6) / 1e6;
  });
  return [...new Set([...steps, ...quantiles])].filter((one) => one > 0 && one <= 1).sort((a, b) => a - b);
}

/**
 * The loosest threshold, in steps of 0.01, whose accuracy is at most `loss` below that of full depth where one frame more were lost than is seen,
 * as conformal risk control counts (arXiv 2208.02814); so fewer frames than 1 / `loss` choose none. 1 when none is. Choose it on held-out data,
 * never on test data.
 */
export function loosestThreshold(
  exits: readonly ExitAnswers[],
  labels: ArrayLike<number>,
  table: StageTable,
  loss: number,
): EarlyExit<number> {
  const frames = labels.length;
  // In whole frames: a difference of shares may be rounded up past the loss.
  const right = ({ accuracy }: EarlyExit) => Math.round(accuracy * frames);
  const mostLost = Math.floor(loss * (frames + 1) + 1e-9) - 1;
  const full = right(earlyExit(exits, labels, table, FULL_DEPTH));
  for (let percent = 0; percent < 100; percent++) {
    const outcome = earlyExit(exits, labels, table, percent / 100);
    if (full - right(outcome) <= mostLost) return outcome;
  }
  return earlyExit(exits, labels, table, 1);
}

function stops(stage: number, confidence: number, minConfidence: MinConfidence, table: StageTable): boolean {
  const unlimited = {
    spent: 0,
    budget: Number.POSITIVE_INFINITY,
    maxStage: null,
    depthLimit: null,
    deadline: null,
    now: 0,
    nextMs: 0,
  };
  return decideExit({ stage, answered: stage, confidence, minConfidence, ...unlimited }, table) !== null;
}
