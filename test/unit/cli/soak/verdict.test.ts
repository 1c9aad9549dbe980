// A worker whose figures stay is flat; one tensor too many each minute, or a queue that grows, is named.
import { expect, it } from 'vitest';
import { rssMbByMinute, verdictOf, type WorkerSample, workerTrends } from '../../../../src/cli/soak/verdict.ts';

const held = { frames: 10, bytes: 1e4, undecoded: 1, queued: 5, unsentBytes: 4e3, activationBytes: 1e6, tensors: 80 };
/** An hour of a steady worker, a sample every five seconds, changed by `grown` (minutes since the start). */
const hour = (grown: (minutes: number) => Partial<WorkerSample['held']> = () => ({})): WorkerSample[] =>
  Array.from({ length: 720 }, (_, n) => ({
    at: n * 5000,
    rssBytes: 2e8 + (n % 7) * 1e6,
    liveHeapBytes: null,
    held: { ...held, frames: 10 + (n % 5), ...grown(n / 12) },
  }));

it('a steady worker is flat', () => {
  const trends = workerTrends(hour(), 600_000);
  expect(verdictOf([trends, trends])).toEqual({ verdict: 'flat', notFlat: [] });
  expect(trends.rssMb?.mean).toBeCloseTo(203, 0);
  expect(trends.rssMb?.samples).toBe(600);
});

it('a leak of tensors and a growing queue are named', () => {
  const leaking = workerTrends(
    hour((minutes) => ({ tensors: 80 + Math.floor(minutes), queued: 5 + minutes })),
    0,
  );
  expect(verdictOf([workerTrends(hour(), 0), leaking])).toEqual({
    verdict: 'not flat',
    notFlat: ['worker 2: tensors', 'worker 2: queued'],
  });
  expect(leaking.tensors?.slopePerHour).toBeCloseTo(60, 0);
});

it('growth while it warms up does not count', () => {
  const warming = hour((minutes) => ({ tensors: Math.min(80, 60 + minutes * 2) }));
  expect(verdictOf([workerTrends(warming, 0)]).notFlat).toEqual(['worker 1: tensors']);
  expect(verdictOf([workerTrends(warming, 600_000)]).verdict).toBe('flat');
});

it('what was never sampled is not called flat', () => {
  const blind = workerTrends(
    hour().map((sample) => ({ ...sample, rssBytes: null })),
    0,
  );
  expect(verdictOf([blind])).toEqual({ verdict: 'not flat', notFlat: ['worker 1: rssMb (no samples)'] });
  expect(verdictOf([]).verdict).toBe('not flat');
});

it('what is left of the heap has a trend where garbage was collected', () => {
  const collected = (growth: number) =>
    hour().map((sample, n) => ({ ...sample, liveHeapBytes: n % 60 === 0 ? 4e7 + (n % 7) * 1e5 + n * growth : null }));
  expect(workerTrends(collected(0), 0)).not.toHaveProperty('liveHeapMb');
  const steady = workerTrends(collected(0), 0, true);
  expect(steady.liveHeapMb).toMatchObject({ samples: 12, isFlat: true });
  expect(verdictOf([steady]).verdict).toBe('flat');
  const leaking = workerTrends(collected(5000), 0, true);
  expect(leaking.liveHeapMb?.slopePerHour).toBeCloseTo(3.6, 0);
  expect(verdictOf([leaking]).notFlat).toEqual(['worker 1: liveHeapMb']);
  expect(verdictOf([workerTrends(hour(), 0, true)]).notFlat).toEqual(['worker 1: liveHeapMb (no samples)']);
});

it('resident memory minute by minute: means, null where nothing was sampled', () => {
  const samples = hour()
    .slice(0, 48)
    .map((sample, n) => ({ ...sample, rssBytes: n < 12 ? null : 2e8 + (n % 12) * 1e6 }));
  const other = samples.filter(({ at }) => at < 120_000 || at >= 180_000);
  expect(rssMbByMinute(other, 0)).toEqual([null, 205.5, null, 205.5]);
  expect(rssMbByMinute(samples, 120_000)).toEqual([205.5, 205.5]);
  expect(rssMbByMinute([], 0)).toEqual([]);
});
