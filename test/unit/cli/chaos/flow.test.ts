// How steadily records flowed.
import { expect, it } from 'vitest';
import { flowOf } from '../../../../src/cli/chaos/flow.ts';

it('counts what is within, and finds the longest pause, edges included, in any order', () => {
  expect(flowOf([350, 100, 200, 990, 2000], 0, 1000)).toEqual({ perSecond: 4, longestPauseMs: 640 });
  expect(flowOf([500], 0, 1000).longestPauseMs).toBe(500);
});

it('is one long pause without records', () => {
  expect(flowOf([], 0, 4000)).toEqual({ perSecond: 0, longestPauseMs: 4000 });
});
