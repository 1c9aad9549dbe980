// How much each exit's loss counts. Schemes of "Anytime Neural Network" (arXiv 1708.06832). Pure.
import type { Random } from './random.ts';

export const LOSS_WEIGHTS = ['sieve', 'const', 'linear'] as const;
export type LossWeights = (typeof LOSS_WEIGHTS)[number];

/**
 * Weights B_1 … B_L, scaled so that the last is 1.
 * const: all 1. linear: 0.25 … 1. sieve: for steps 1, 2, 4 … < L add 1 to every step-th exit counted from the end; then the last counts
 * as much as all others together.
 */
export function lossWeights(scheme: LossWeights, exits: number): number[] {
  if (exits === 1 || scheme === 'const') return new Array<number>(exits).fill(1);
  if (scheme === 'linear') return Array.from({ length: exits }, (_, i) => 0.25 + (0.75 * i) / (exits - 1));
  const counts = new Array<number>(exits).fill(0);
  for (let step = 1; step < exits; step *= 2) {
    for (let i = exits - 1; i >= 0; i -= step) counts[i] = (counts[i] as number) + 1;
  }
  const others = counts.slice(0, -1).reduce((sum, count) => sum + count, 0);
  counts[exits - 1] = others;
  return counts.map((count) => count / others);
}

/**
 * Coefficients of the losses in one step, summing to 1 (so that a rate means the same for every scheme and number of exits).
 * With oscillation one exit j is drawn with probability B_j / W and its loss counts W/2 more, W = ΣB.
 */
export function stepWeights(weights: readonly number[], oscillation: Random | null): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (oscillation === null) return weights.map((weight) => weight / total);
  let left = oscillation.next() * total;
  let drawn = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  if (drawn === -1) drawn = weights.length - 1;
  return weights.map((weight, i) => (weight + (i === drawn ? total / 2 : 0)) / (1.5 * total));
}
