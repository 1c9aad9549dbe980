// Gradient equilibrium (Li et al., "Improved Techniques for Training Adaptive Deep Networks", ICCV 2019): each stage learns from the mean of the
// losses behind it, not from their sum, which is largest in the first stages. Pure.
import type { Network } from '../network/config.ts';

/**
 * By how much the gradient of each stage's body is multiplied: 1/n_i, n_i = exits that stage i reaches.
 * In a chain of L stages n_i = L − i + 1, i from 1. It is the same as multiplying what enters a stage on the way back: gradients from the
 * later stages by (n−1)/n, the own head's by 1/n. By induction the later ones bring the mean over n−1 losses, so that the stage gets
 * 1/n · own + (n−1)/n · 1/(n−1) · Σ later = 1/n · Σ all. The backward pass is linear, so scaling once at the parameters gives the same.
 * A stage that takes the frame alone ends the chain of those before it: their losses end there too.
 */
export function equilibriumShares({ stages }: Network): number[] {
  let reached = 0;
  return stages
    .toReversed()
    .map(({ takes }) => {
      const share = 1 / (reached + 1);
      reached = takes === 'frame' ? 0 : reached + 1;
      return share;
    })
    .toReversed();
}

/** In mixed epochs (from 0) one loss alone counts, which needs no balance. */
export function isInEquilibrium(
  { equilibrium, mixedEpochs }: { readonly equilibrium: boolean; readonly mixedEpochs: number },
  epoch: number,
): boolean {
  return equilibrium && epoch >= mixedEpochs;
}

/**
 * Weights of a step under equilibrium: their mean is 1 instead of their sum, so that with const weights every stage learns as fast as in a
 * plain network with one loss.
 */
export function equilibriumWeights(weights: readonly number[]): number[] {
  return weights.map((weight) => weight * weights.length);
}
