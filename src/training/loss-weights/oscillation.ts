// What the losses are multiplied by in one step, with or without oscillation. Works with the weights of any scheme. Pure.
import type { Random } from '../random.ts';

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
