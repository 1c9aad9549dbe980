// Relative increase over OPT and its spread, against numbers worked out by hand.
import { expect, it } from 'vitest';
import { relativeIncrease, spreadOf } from '../../../src/study/relative-increase.ts';

it('is the share of wrong answers that come on top of those of OPT', () => {
  expect(relativeIncrease(0.23, 0.2)).toBeCloseTo(0.15, 12);
  expect(relativeIncrease(0.18, 0.2)).toBeCloseTo(-0.1, 12);
  expect([relativeIncrease(0.1, 0), relativeIncrease(0, 0)]).toEqual([null, null]);
});

it('tells mean and sample deviation, and no deviation of one seed', () => {
  expect(spreadOf([1, 3])).toEqual({ mean: 2, deviation: Math.SQRT2, values: [1, 3] });
  expect(spreadOf([5])).toEqual({ mean: 5, deviation: null, values: [5] });
  expect(spreadOf([])).toBeNull();
});
