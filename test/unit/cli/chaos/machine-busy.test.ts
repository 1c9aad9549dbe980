// How busy the machine is.
import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { busyShare, processorTimes } from '../../../../src/cli/chaos/machine-busy.ts';

it('is the part of the time that was not idle', () => {
  expect(busyShare({ busyMs: 1000, idleMs: 500 }, { busyMs: 1300, idleMs: 600 })).toBe(0.75);
  expect(busyShare({ busyMs: 1000, idleMs: 500 }, { busyMs: 1000, idleMs: 500 })).toBe(0);
});

it('grows by what this thread works', () => {
  const from = processorTimes();
  const since = performance.now();
  while (performance.now() - since < 200);
  const share = busyShare(from, processorTimes());
  expect(share).toBeGreaterThan(0.5 / (2 * availableParallelism()));
  expect(share).toBeLessThanOrEqual(1);
});
