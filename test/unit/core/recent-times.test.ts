// What took long lately is known soon, and forgotten ten seconds after.
import { expect, it } from 'vitest';
import { p95, RecentTimes } from '../../../src/core/recent-times.ts';

it('is 0 until two took longer: one that was held up says little', () => {
  const times = new RecentTimes();
  expect(times.p95At(5)).toBe(0);
  times.note(400, 5);
  expect(times.p95At(5)).toBe(0);
  times.note(40, 6);
  expect(times.p95At(6)).toBe(40);
});

it('forgets what is older than ten seconds', () => {
  const times = new RecentTimes();
  for (const at of [0, 1]) times.note(900, at);
  for (const at of [4000, 4001]) times.note(5, at);
  expect(times.p95At(10_000)).toBe(900);
  expect(times.p95At(10_002)).toBe(5);
});

it('forgets them after the clock was set back, too', () => {
  const times = new RecentTimes();
  for (let i = 0; i < 40; i++) times.note(900, 3_600_000 + i);
  for (const at of [0, 1]) times.note(5, at);
  expect(times.p95At(1)).toBe(5);
});

it('is of the latest 200, 95 in a hundred of which took no longer', () => {
  const times = new RecentTimes();
  for (let i = 0; i < 100; i++) times.note(1e6, i);
  for (let i = 1; i <= 200; i++) times.note(i, 100);
  expect(times.p95At(100)).toBe(190);
});

it('has an upper quartile that a few which take very long do not move', () => {
  const times = new RecentTimes();
  for (let i = 0; i < 100; i++) times.note(i % 5 === 0 ? 15_000 : 10, i);
  expect([times.upperQuartileAt(100), times.p95At(100)]).toEqual([10, 15_000]);
});

it('counts what is missing to twenty as 0', () => {
  expect([p95([7]), p95([7, 8]), p95(new Array<number>(30).fill(-3))]).toEqual([0, 7, 0]);
});
