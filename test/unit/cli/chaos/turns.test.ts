// Which frames are due when, where streams take turns.
import { expect, test } from 'vitest';
import { dueInTurns, rotated, turnsOf } from '../../../../src/cli/chaos/scenarios/turns.ts';

const turns = turnsOf([
  { kind: 'few', ms: 1000, perSecond: 10 },
  { kind: 'many', ms: 2000, perSecond: 100 },
]);

test('each turn has the frames after those of the one before, as many as its rate makes', () => {
  expect(turns).toEqual([
    { kind: 'few', from: 0, to: 10, beginMs: 0, endMs: 1000 },
    { kind: 'many', from: 10, to: 210, beginMs: 1000, endMs: 3000 },
  ]);
});

test('frames fall due at the rate of the turn that it is, all of them at the end, and none before the beginning', () => {
  expect([-5, 0, 450, 999, 1000, 1010, 2000, 2999, 3000, 9000].map((ms) => dueInTurns(turns, ms))).toEqual([
    0, 0, 4, 9, 10, 11, 110, 209, 210, 210,
  ]);
  expect(dueInTurns([], 10)).toBe(0);
});

test('every round begins with another kind', () => {
  expect([0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round).join(''))).toEqual(['abc', 'bca', 'cab', 'abc']);
});
