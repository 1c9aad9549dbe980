// The feed: everything that fell due, each with the time it was due, and nothing after it was stopped.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Arrivals } from '../../../../src/cli/arrivals.ts';
import { type FedFrame, startFrameFeed } from '../../../../src/cli/demo/frame-feed.ts';
import { framePool } from '../../../../src/cli/frame-pool.ts';
import { headerText } from '../../../../src/core/envelope.ts';
import type { OutgoingRecord } from '../../../../src/ports.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

it('appends what falls due until it is stopped', () => {
  const appended: OutgoingRecord[] = [];
  const fed: FedFrame[] = [];
  const stop = startFrameFeed({
    pool: framePool([{ id: 'a', label: 'A', bytes: Uint8Array.of(1) }], 1),
    arrivals: new Arrivals(1, 0),
    rate: () => 100,
    now: () => Date.now(),
    append: (frames) => appended.push(...frames),
    fed: (frame) => fed.push(frame),
  });
  vi.advanceTimersByTime(1000);
  const due = new Arrivals(1, 0).until(1000, 100);
  expect(appended.map(({ timestamp }) => timestamp)).toEqual(due);
  expect(fed.map(({ dueAt }) => dueAt)).toEqual(due);
  expect(appended.map(({ headers }) => headerText(headers, 'ce_id'))).toEqual(fed.map(({ id }) => id));
  expect(new Set(fed.map(({ id }) => id)).size).toBe(fed.length);
  stop();
  vi.advanceTimersByTime(1000);
  expect(appended).toHaveLength(due.length);
});
