// Percentiles by nearest rank.
import { expect, it } from 'vitest';
import { latencies, percentile } from '../../../src/evaluation/percentile.ts';

it('gives the nearest rank, whatever the order, and leaves the values alone', () => {
  const values = [30, 10, 20, 40];
  expect([0, 25, 50, 75, 99, 100].map((p) => percentile(values, p))).toEqual([10, 10, 20, 30, 40, 40]);
  expect(values).toEqual([30, 10, 20, 40]);
});

it('is null of nothing', () => {
  expect(latencies([])).toEqual({ p50: null, p99: null });
});
