// A sequence's networks are weighed each for itself, as one network is that is none; what does not fit the network is refused.
import { expect, it } from 'vitest';
import { LOSS_WEIGHTS, lossWeights } from '../../../../src/training/loss-weights/loss-weights.ts';
import { stepWeights } from '../../../../src/training/loss-weights/oscillation.ts';
import { checkSequence, exitsOf, weightsOfStep } from '../../../../src/training/loss-weights/weights-of-step.ts';
import { TRAIN_DEFAULTS } from '../../../../src/training/options.ts';
import { presetNetwork } from '../../../../src/training/presets.ts';
import { random } from '../../../../src/training/random.ts';

const recipe = { ...TRAIN_DEFAULTS, oscillate: false, sequence: [] as number[] };

it.each(LOSS_WEIGHTS)('%s of one network: the scheme, scaled to 1, the drawn exit more', (weights) => {
  const plain = weightsOfStep({ ...recipe, weights }, 5, null, 0, random(1));
  expect(plain).toEqual(stepWeights(lossWeights(weights, 5), null));
  const oscillating = weightsOfStep({ ...recipe, weights, oscillate: true }, 5, null, 0, random(1));
  expect(oscillating).toEqual(stepWeights(lossWeights(weights, 5), random(1)));
});

it.each(LOSS_WEIGHTS)('%s of a sequence: each network as it would be alone', (weights) => {
  const state = weights === 'adaloss' ? [1, 2, 3, 0.5, 0.7] : null;
  const of = (sequence: number[], exits: number, from: number) =>
    weightsOfStep({ ...recipe, weights, sequence }, exits, state?.slice(from, from + exits) ?? null, 0, random(1));
  expect(of([2, 3], 5, 0)).toEqual([...of([], 2, 0), ...of([], 3, 2)]);
});

it('each network oscillates, by draws of its own, and has its own last exit in mixed epochs', () => {
  const sequence = [2, 3];
  const source = random(4);
  const own = [2, 3].flatMap((exits) => stepWeights(lossWeights('sieve', exits), source));
  expect(weightsOfStep({ ...recipe, oscillate: true, sequence }, 5, null, 0, random(4))).toEqual(own);
  expect(weightsOfStep({ ...recipe, sequence, mixedEpochs: 1 }, 5, null, 0, random(1))).toEqual([0, 1, 0, 0, 1]);
});

it('in equilibrium they sum to the exits of each network, but not in mixed epochs', () => {
  const balanced = { ...recipe, sequence: [2, 3], equilibrium: true, weights: 'const' as const };
  expect(weightsOfStep(balanced, 5, null, 0, random(1))).toEqual([1, 1, 1, 1, 1].map((w) => expect.closeTo(w, 12)));
  expect(weightsOfStep({ ...balanced, mixedEpochs: 1 }, 5, null, 0, random(1))).toEqual([0, 1, 0, 0, 1]);
});

it('refuses a sequence that has not the exits of the network', () => {
  expect(exitsOf([], 5)).toEqual([5]);
  expect(exitsOf([1, 2, 2], 5)).toEqual([1, 2, 2]);
  expect(() => exitsOf([1, 2], 5)).toThrow('Expected the networks of the sequence to have 5 exits together, got 1, 2');
  const { stages } = presetNetwork('cifar10-eann');
  for (const fits of [[], [1, 2, 2]]) expect(() => checkSequence(fits, stages)).not.toThrow();
  expect(() => checkSequence([2, 3], stages)).toThrow(
    'begin at a stage that takes the frame, got 2, 3: stage 3 does not',
  );
});
