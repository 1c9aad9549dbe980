// What took long lately is known at once, and forgotten ten seconds after.
import { expect, it } from 'vitest';
import { p95, RecentP95 } from '../../../src/core/recent-p95.ts';

it('is 0 while nothing was noted, and knows the first at once', () => {
  const times = new RecentP95();
  expect(times.valueAt(5)).toBe(0);
  times.note(40, 5);
  expect(times.valueAt(5)).toBe(40);
});

it('forgets what is older than ten seconds, but for the newest', () => {
  const times = new RecentP95();
  times.note(900, 0);
  times.note(5, 4000);
  expect(times.valueAt(10_000)).toBe(900);
  expect(times.valueAt(10_001)).toBe(5);
  expect(times.valueAt(1e9)).toBe(5);
});

it('is of the latest 200, 95 in a hundred of which took no longer', () => {
  const times = new RecentP95();
  for (let i = 0; i < 100; i++) times.note(1e6, i);
  for (let i = 1; i <= 200; i++) times.note(i, 100);
  expect(times.valueAt(100)).toBe(190);
});

it('counts what is missing as 0', () => {
  expect([p95([7]), p95([7], 20), p95([7, 8], 20), p95([-3])]).toEqual([7, 0, 7, 0]);
});
