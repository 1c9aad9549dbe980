// The loosest early-exit threshold with a promise: Learn then Test (Angelopoulos, Bates, Candès, Jordan, Lei: arXiv 2110.01052) with
// Hoeffding–Bentkus p-values and fixed-sequence testing. Pure.
import type { StageTable } from '../core/stage-table.ts';
import type { ExitAnswers } from './exit-answers.ts';
import { type EarlyExit, earlyExit, FULL_DEPTH, leavingStages } from './exit-threshold.ts';

export interface AccuracyPromise {
  /** Largest loss of accuracy against full depth, 0…1. */
  readonly epsilon: number;
  /** Largest probability that the promise is broken, over the draw of the calibration frames. */
  readonly delta: number;
}

export interface PromisedThreshold {
  /** What leaving early at the chosen threshold is worth on these frames. */
  readonly chosen: EarlyExit<number>;
  /** False when even the strictest threshold below full depth could not be promised: `chosen` is full depth then. */
  readonly isPromised: boolean;
  /** Frames right at full depth whose early answer is wrong, a share: bounds the loss of accuracy from above. */
  readonly lost: number;
  readonly pValue: number;
}

/**
 * P-value for "the mean of a 0…1 loss is above `epsilon`", given its mean `loss` over `frames` independent frames (Hoeffding–Bentkus):
 * min(exp(−n·kl(loss, ε)), e·P(Bin(n, ε) ≤ ⌈n·loss⌉)).
 */
export function hoeffdingBentkus(loss: number, frames: number, epsilon: number): number {
  const hoeffding = loss >= epsilon ? 1 : Math.exp(-frames * divergence(loss, epsilon));
  const bentkus = Math.E * binomialAtMost(Math.ceil(frames * loss - 1e-9), frames, epsilon);
  return Math.min(1, hoeffding, bentkus);
}

/** Frames without a single loss that it takes to promise anything. */
export function leastFramesToPromise({ epsilon, delta }: AccuracyPromise): number {
  return Math.ceil(Math.log(delta) / Math.log1p(-epsilon));
}

/** From strict to loose, the same for all frames: steps of 0.01, finer near 1, where most confidences of a good exit lie. */
export const TESTED_THRESHOLDS: readonly number[] = [
  ...[1, 0.9999, 0.9998, 0.9995, 0.999, 0.998, 0.995],
  ...Array.from({ length: 100 }, (_, i) => (99 - i) / 100),
];

/**
 * Thresholds are tested in the order of `TESTED_THRESHOLDS`, which no frame has a part in, and the last before the first failure is chosen,
 * which keeps the promise without dividing delta. `exits` and `labels` are of calibration frames that had no part in training or in other choices.
 */
export function promisedThreshold(
  exits: readonly ExitAnswers[],
  labels: ArrayLike<number>,
  table: StageTable,
  { epsilon, delta }: AccuracyPromise,
): PromisedThreshold {
  const tested = (threshold: number) => {
    const lost = lostShare(exits, labels, table, threshold);
    return { threshold, lost, pValue: hoeffdingBentkus(lost, labels.length, epsilon) };
  };
  let best: ReturnType<typeof tested> | null = null;
  for (const threshold of TESTED_THRESHOLDS) {
    const next = tested(threshold);
    if (next.pValue > delta) break;
    best = next;
  }
  return best === null
    ? { chosen: earlyExit(exits, labels, table, FULL_DEPTH), isPromised: false, lost: 0, pValue: 1 }
    : {
        chosen: earlyExit(exits, labels, table, best.threshold),
        isPromised: true,
        lost: best.lost,
        pValue: best.pValue,
      };
}

/** Frames right at full depth whose answer as they leave is wrong, a share. */
export function lostShare(
  exits: readonly ExitAnswers[],
  labels: ArrayLike<number>,
  table: StageTable,
  minConfidence: number,
): number {
  const stages = leavingStages(exits, labels.length, table, minConfidence);
  const isRight = (stage: number, i: number) => exits[stage - 1]?.classes[i] === labels[i];
  let lost = 0;
  for (let i = 0; i < labels.length; i++) if (isRight(exits.length, i) && !isRight(stages[i] as number, i)) lost++;
  return lost / labels.length;
}

/** Kullback–Leibler divergence of two coins, nats. */
function divergence(a: number, b: number): number {
  const part = (p: number, q: number) => (p === 0 ? 0 : p * Math.log(p / q));
  return part(a, b) + part(1 - a, 1 - b);
}

/** P(Bin(n, p) ≤ k), summed from 0 in logarithms so that no term underflows for n of any practical size. */
export function binomialAtMost(k: number, n: number, p: number): number {
  if (k >= n) return 1;
  let term = n * Math.log1p(-p);
  let sum = term;
  for (let i = 0; i < k; i++) {
    term += Math.log((n - i) / (i + 1)) + Math.log(p) - Math.log1p(-p);
    sum = Math.max(sum, term) + Math.log1p(Math.exp(-Math.abs(sum - term)));
  }
  return Math.min(1, Math.exp(sum));
}
