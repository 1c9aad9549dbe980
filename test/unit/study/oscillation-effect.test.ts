// What oscillation adds, seed by seed, against differences worked out by hand.
import { expect, it } from 'vitest';
import { oscillationEffect } from '../../../src/study/oscillation-effect.ts';

const plain = [
  { seed: 1, accuracies: [0.5, 0.75] },
  { seed: 2, accuracies: [0.25, 0.75] },
  { seed: 3, accuracies: [0, 0] },
];

it('compares like seeds only, exit by exit', () => {
  const oscillated = [
    { seed: 2, accuracies: [0.5, 0.625] },
    { seed: 1, accuracies: [0.625, 0.75] },
    { seed: 4, accuracies: [1, 1] },
  ];
  const [first, last] = oscillationEffect(plain, oscillated);
  expect(first?.values).toEqual([0.125, 0.25]);
  expect(first?.mean).toBe(0.1875);
  expect(last?.values).toEqual([0, -0.125]);
});

it('says nothing without a common seed, and refuses other exits', () => {
  expect(oscillationEffect(plain, [{ seed: 9, accuracies: [1, 1] }])).toEqual([]);
  expect(() => oscillationEffect(plain, [{ seed: 1, accuracies: [1] }])).toThrow(/2 exits .* got 1/);
});
