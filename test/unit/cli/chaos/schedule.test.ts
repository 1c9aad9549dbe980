// The schedule of faults: the seed says all, each kind has its turn, and one server has one fault at a time.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FAULT_KINDS, faultSchedule, isOfRedis } from '../../../../src/cli/chaos/schedule.ts';

const options = { seed: 1, kinds: FAULT_KINDS, durationMs: 300_000, everyMs: 4000, sessionTimeoutMs: 6000 };

it('is the same for the same seed and another for another', () => {
  expect(faultSchedule(options)).toEqual(faultSchedule(options));
  expect(faultSchedule({ ...options, seed: 2 })).not.toEqual(faultSchedule(options));
});

it('gives every kind its turn in five minutes, in order of time, and is over in time', () => {
  fc.assert(
    fc.property(fc.nat(1e6), (seed) => {
      const faults = faultSchedule({ ...options, seed });
      expect(new Set(faults.map(({ kind }) => kind)).size).toBe(FAULT_KINDS.length);
      for (const [i, { atMs, lastsMs, kind, pick }] of faults.entries()) {
        expect(atMs).toBeGreaterThanOrEqual(faults[i - 1]?.atMs ?? 2000);
        expect(atMs + lastsMs).toBeLessThanOrEqual(options.durationMs);
        if (kind === 'sigstop') expect(lastsMs).toBeGreaterThan(options.sessionTimeoutMs);
        expect(pick >= 0 && pick < 1).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});

it('never has two faults of Redis at a time', () => {
  fc.assert(
    fc.property(fc.nat(1e6), (seed) => {
      const redis = faultSchedule({ ...options, seed }).filter(isOfRedis);
      for (const [i, { atMs }] of redis.entries()) {
        const before = redis[i - 1];
        if (before) expect(atMs).toBeGreaterThanOrEqual(before.atMs + before.lastsMs);
      }
    }),
    { numRuns: 50 },
  );
});

it('holds only the kinds that are wanted, about one every so often; none where none is wanted', () => {
  const faults = faultSchedule({ ...options, kinds: ['sigkill'] });
  expect(faults.every(({ kind }) => kind === 'sigkill')).toBe(true);
  expect(faults.length).toBeGreaterThan(60);
  expect(faults.length).toBeLessThan(95);
  expect(faultSchedule({ ...options, kinds: [] })).toEqual([]);
});
