// What the losses of one step are multiplied by: by the scheme, oscillating or not, in mixed training, in equilibrium; of a sequence of networks
// each network for itself: where each takes the frame alone they learn as they would apart. Pure.
import { AnytimeError } from '../../errors.ts';
import type { Network } from '../../network/config.ts';
import { equilibriumWeights, isInEquilibrium } from '../equilibrium.ts';
import { mixedWeights } from '../mixed-training.ts';
import type { TrainOptions } from '../options.ts';
import type { Random } from '../random.ts';
import { type LossWeightState, lossWeights } from './loss-weights.ts';
import { stepWeights } from './oscillation.ts';

type Recipe = Pick<TrainOptions, 'weights' | 'oscillate' | 'mixedEpochs' | 'equilibrium' | 'sequence'>;

/**
 * One weight an exit. They sum to 1 over each network, and to its number of exits in equilibrium. `state`: what the scheme remembers;
 * `epoch` from 0; `source` is drawn from once for each network that oscillates.
 */
export function weightsOfStep(
  recipe: Recipe,
  exits: number,
  state: LossWeightState,
  epoch: number,
  source: Random,
): number[] {
  const { weights, oscillate, mixedEpochs, sequence } = recipe;
  const isBalanced = isInEquilibrium(recipe, epoch);
  let from = 0;
  return exitsOf(sequence, exits).flatMap((length) => {
    const scheme = lossWeights(weights, length, state?.slice(from, from + length) ?? null);
    from += length;
    const own = stepWeights(mixedWeights(scheme, epoch, mixedEpochs), oscillate ? source : null);
    return isBalanced ? equilibriumWeights(own) : own;
  });
}

/** Errors: bad-argument where a network of the sequence would not begin with the frame, or has not the stages it is said to have. */
export function checkSequence(sequence: readonly number[], stages: Network['stages']): void {
  let from = 0;
  for (const length of exitsOf(sequence, stages.length)) {
    if (stages[from]?.takes === 'activations') {
      const message = `Expected each network of the sequence to begin at a stage that takes the frame, got ${sequence.join(', ')}: stage ${from + 1} does not`;
      throw new AnytimeError('bad-argument', message);
    }
    from += length;
  }
}

/** Exits of each network; one that is no sequence has them all. Errors: bad-argument where they are not those of the network. */
export function exitsOf(sequence: readonly number[], exits: number): readonly number[] {
  if (sequence.length === 0) return [exits];
  if (sequence.reduce((sum, length) => sum + length, 0) === exits) return sequence;
  const got = sequence.join(', ');
  throw new AnytimeError(
    'bad-argument',
    `Expected the networks of the sequence to have ${exits} exits together, got ${got}`,
  );
}
