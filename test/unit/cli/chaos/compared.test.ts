// First answers of one kind of turn against those of another.
import { expect, test } from 'vitest';
import { isNoLonger, toldOfWaits, waitRatios } from '../../../../src/cli/chaos/scenarios/compared.ts';

const turn = (ms: number, ...others: number[]) => [...Array.from({ length: 200 }, () => ms), ...others];
const told = (...turns: number[][]) => toldOfWaits(turns);
const good = told(turn(100), turn(110), turn(120));

test('p99 of each turn, their median, and that of all turns together', () => {
  expect(told(turn(100), turn(110), turn(500))).toEqual({
    p99Ms: [100, 110, 500],
    medianP99Ms: 110,
    pooledP99Ms: 500,
    unanswered: 0,
  });
  expect(waitRatios(told(turn(220)), good)).toEqual({ ofMedians: 2, pooled: 1.833 });
});

test('no longer is what both say', () => {
  expect(isNoLonger(good, good, 1.25, 1000)).toBe(true);
  expect(isNoLonger(told(turn(140), turn(140), turn(140)), good, 1.25, 1000)).toBe(false);
  expect(isNoLonger(told(turn(100), turn(100), turn(160)), good, 1.25, 1000)).toBe(false); // one bad turn
});

test('frames without an answer count, a full machine tells nothing, and nothing measured is no pass', () => {
  expect(told(turn(100, Infinity), turn(100)).unanswered).toBe(1);
  expect(isNoLonger(told(turn(100, Infinity), turn(100)), good, 1.25, 1000)).toBe(true);
  expect(isNoLonger(told(turn(100, Infinity, Infinity, Infinity, Infinity), turn(100)), good, 1.25, 1000)).toBe(false);
  expect(isNoLonger(good, told(turn(Infinity)), 1.25, 1000)).toBe(false);
  expect(isNoLonger(good, told(turn(2000)), 1.25, 1000)).toBe(false);
  expect(isNoLonger(told([]), good, 1.25, 1000)).toBe(false);
  expect(isNoLonger(good, told([]), 1.25, 1000)).toBe(false);
});
