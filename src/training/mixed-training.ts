// Mixed training: the backbone alone first, then every exit together. Pure.
import { optWeights } from './loss-weights/opt.ts';

/** Weights for this epoch, from 0: those of the last exit alone in the first `mixedEpochs`, then the scheme's own. */
export function mixedWeights(weights: readonly number[], epoch: number, mixedEpochs: number): readonly number[] {
  return epoch < mixedEpochs ? optWeights(weights.length) : weights;
}
