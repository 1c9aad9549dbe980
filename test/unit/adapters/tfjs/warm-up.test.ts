import { expect, it } from 'vitest';
import type { Engine } from '../../../../src/adapters/tfjs/engine.ts';
import { warmUp } from '../../../../src/adapters/tfjs/warm-up.ts';

/** An engine whose run of stage s on b frames takes 10·s + b ms (the first time of each size 1,000 ms more), two stages. */
function engine() {
  let nowMs = 0;
  const held = new Set<number>();
  const seen = new Set<string>();
  const fake: Engine = {
    stages: 2,
    pixelBytes: 3,
    heldBytesAt: [1, 0],
    run(stage, frames) {
      const key = `${stage}/${frames.length}`;
      const computeMs = 10 * stage + frames.length + (seen.has(key) ? 0 : 1000);
      seen.add(key);
      for (const { handle } of frames) held.add(handle);
      nowMs += computeMs;
      return { scores: new Float32Array(frames.length), computeMs };
    },
    release: (handles) => handles.forEach((handle) => void held.delete(handle)),
    status: () => ({
      backend: 'cpu',
      description: '',
      busyMs: nowMs,
      heldActivations: held.size,
      heldBytes: 0,
      tensors: 0,
    }),
  };
  return { fake, held, now: () => nowMs };
}

it('gives the median of each stage and size, without the first run', () => {
  const { fake, held, now } = engine();
  const timings = warmUp(fake, { batchSizes: [1, 4], timedRuns: 3, warmUpMs: 1e6 }, now);
  expect(timings).toEqual([
    { stage: 1, batch: 1, ms: 11 },
    { stage: 2, batch: 1, ms: 21 },
    { stage: 1, batch: 4, ms: 14 },
    { stage: 2, batch: 4, ms: 24 },
  ]);
  expect(held.size).toBe(0);
});

it('leaves larger sizes out when its time is up, but never the first two', () => {
  const { fake, now } = engine();
  const timings = warmUp(fake, { batchSizes: [1, 2, 4], timedRuns: 1, warmUpMs: 100 }, now);
  expect([...new Set(timings.map(({ batch }) => batch))]).toEqual([1, 2]);
});

it('can warm up without timing', () => {
  const { fake, now } = engine();
  expect(warmUp(fake, { batchSizes: [1, 2], timedRuns: 0, warmUpMs: 1e6 }, now)).toEqual([]);
  expect(now()).toBeGreaterThan(2000);
});
