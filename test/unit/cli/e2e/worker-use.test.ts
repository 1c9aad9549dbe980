// Busy shares between two moments, per worker and over all.
import { expect, it } from 'vitest';
import { busyShares } from '../../../../src/cli/e2e/worker-use.ts';

it('takes the difference of two readings, and weighs workers by how long frames waited', () => {
  const before = [
    { engine: 'wasm', busyMs: 100, waitedMs: 100 },
    { engine: 'wasm', busyMs: 0, waitedMs: 0 },
  ];
  const after = [
    { engine: 'wasm', busyMs: 190, waitedMs: 200 },
    { engine: 'wasm', busyMs: 0, waitedMs: 0 },
  ];
  expect(busyShares(before, after)).toEqual({
    workers: [
      { engine: 'wasm', busyShare: 0.9, waitedMs: 100 },
      { engine: 'wasm', busyShare: null, waitedMs: 0 },
    ],
    busyShare: 0.9,
  });
});
