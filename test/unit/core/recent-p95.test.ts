// What took long lately is known soon, and forgotten ten seconds after.
import { expect, it } from 'vitest';
import { p95, RecentP95 } from '../../../src/core/recent-p95.ts';

it('is 0 until two took longer: one that was held up says little', () => {
  const times = new RecentP95();
  expect(times.valueAt(5)).toBe(0);
  times.note(400, 5);
  expect(times.valueAt(5)).toBe(0);
  times.note(40, 6);
  expect(times.valueAt(6)).toBe(40);
});

it('forgets what is older than ten seconds', () => {
  const times = new RecentP95();
  for (const at of [0, 1]) times.note(900, at);
  for (const at of [4000, 4001]) times.note(5, at);
  expect(times.valueAt(10_000)).toBe(900);
  expect(times.valueAt(10_002)).toBe(5);
});

it('is of the latest 200, 95 in a hundred of which took no longer', () => {
  const times = new RecentP95();
  for (let i = 0; i < 100; i++) times.note(1e6, i);
  for (let i = 1; i <= 200; i++) times.note(i, 100);
  expect(times.valueAt(100)).toBe(190);
});

it('counts what is missing to twenty as 0', () => {
  expect([p95([7]), p95([7, 8]), p95([7], 1), p95([-3], 1)]).toEqual([0, 7, 7, 0]);
});
