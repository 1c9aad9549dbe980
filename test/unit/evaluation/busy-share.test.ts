// Busy share: only spans that began with frames waiting count.
import { expect, it } from 'vitest';
import { BusyShare } from '../../../src/evaluation/busy-share.ts';

it('counts what lies between a run that left frames waiting and the end of the next run', () => {
  const busy = new BusyShare();
  busy.ran(100, 1000, 5);
  busy.ran(120, 1015, 1); // 20 ms, the thread busy for 15 of them
  busy.ran(130, 1020, 0); // 10 ms, 5
  busy.ran(500, 1030, 1); // nobody waited
  expect(busy.totals()).toEqual({ busyMs: 20, waitedMs: 30 });
  expect(busy.share()).toBeCloseTo(2 / 3, 3);
});

it('does not count idle time after the last frame', () => {
  const busy = new BusyShare();
  busy.ran(100, 10, 0);
  busy.ran(900, 20, 0);
  expect(busy.share()).toBeNull();
});

it('is never above 1: the main thread may hear of a run late', () => {
  const busy = new BusyShare();
  busy.ran(100, 10, 1);
  busy.ran(105, 60, 1);
  expect(busy.share()).toBe(1);
});

it('loses nothing when the main thread hears of two runs at once', () => {
  const busy = new BusyShare();
  busy.ran(100, 10, 1);
  busy.ran(139, 30, 1); // it ended at 120
  busy.ran(140, 50, 1);
  expect(busy.totals()).toEqual({ busyMs: 40, waitedMs: 40 });
});
