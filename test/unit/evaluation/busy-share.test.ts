// Busy share: only gaps that began with frames waiting count.
import { expect, it } from 'vitest';
import { BusyShare } from '../../../src/evaluation/busy-share.ts';

it('counts what lies between a run that left frames waiting and the end of the next run', () => {
  const busy = new BusyShare();
  busy.ran(100, 10, 5);
  busy.ran(120, 15, 1); // 20 ms, 15 of them computed
  busy.ran(130, 5, 0); // 10 ms, 5 computed
  expect(busy.totals()).toEqual({ busyMs: 20, waitedMs: 30 });
  expect(busy.share()).toBeCloseTo(2 / 3, 3);
});

it('does not count idle time after the last frame', () => {
  const busy = new BusyShare();
  busy.ran(100, 10, 0);
  busy.ran(900, 10, 0);
  expect(busy.share()).toBeNull();
});

it('never counts more than the gap: a run that began before it', () => {
  const busy = new BusyShare();
  busy.ran(100, 10, 1);
  busy.ran(105, 50, 1);
  expect(busy.share()).toBe(1);
});

it('loses nothing when the main thread hears of a run late', () => {
  const busy = new BusyShare();
  busy.ran(100, 10, 1);
  busy.ran(130, 20, 1); // it ended at 120
  busy.ran(140, 20, 1);
  expect(busy.totals()).toEqual({ busyMs: 40, waitedMs: 40 });
});
