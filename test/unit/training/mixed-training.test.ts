// First the last exit alone, then the weights of the scheme.
import { expect, it } from 'vitest';
import { mixedWeights } from '../../../src/training/mixed-training.ts';

it('gives the body to the last exit for the first epochs only', () => {
  const weights = [0.25, 0.5, 1];
  expect([0, 1, 2, 3].map((epoch) => mixedWeights(weights, epoch, 2))).toEqual([
    [0, 0, 1],
    [0, 0, 1],
    weights,
    weights,
  ]);
});

it('changes nothing without mixed epochs', () => {
  expect(mixedWeights([0.25, 1], 0, 0)).toEqual([0.25, 1]);
});
