// Batches made in a thread: the bits of those made here, in any order asked for; a thread that ends is told.
import { afterEach, expect, it } from 'vitest';
import {
  type Batches,
  type BatchPlan,
  batchMaker,
  startBatches,
  stepsPerEpoch,
} from '../../../src/training/batches.ts';
import type { FrameSet } from '../../../src/training/frames.ts';

const SIZE = 8;
const frames: FrameSet = {
  name: 'numbered',
  classes: ['a', 'b', 'c'],
  height: SIZE,
  width: SIZE,
  pixels: Uint8Array.from({ length: 10 * SIZE * SIZE * 3 }, (_, i) => (i * 7) % 251),
  labels: Uint16Array.from({ length: 10 }, (_, i) => i % 3),
};
const plan: BatchPlan = {
  frames,
  normalisation: { mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.4] },
  batch: 4,
  seed: 7,
  augmentation: { shift: 2, flips: true, cutout: 3 },
  steps: 6,
};

let running: Batches | null = null;
afterEach(async () => {
  await running?.close();
});
const start = (of: BatchPlan = plan) => {
  running = startBatches(of);
  return running;
};

it('takes every frame at most once an epoch, in another order in each', () => {
  const make = batchMaker(plan);
  expect(stepsPerEpoch(plan)).toBe(2);
  const labels = [0, 1, 2, 3].map((step) => make(step).labels);
  for (const four of labels) expect(four).toHaveLength(4);
  expect(labels.slice(0, 2)).not.toEqual(labels.slice(2));
});

it('makes the same bits in the thread as here, from the beginning and from the middle', async () => {
  const make = batchMaker(plan);
  const batches = start();
  for (const step of [0, 1, 2, 5, 3]) expect(await batches.of(step)).toEqual(make(step));
});

it('reads shared pixels without a copy: what changes in them is seen', async () => {
  const pixels = new Uint8Array(new SharedArrayBuffer(frames.pixels.length));
  const shared = { ...plan, frames: { ...frames, pixels }, steps: 2 };
  const batches = start(shared);
  expect(await batches.of(0)).toEqual(batchMaker(shared)(0));
  pixels.set(frames.pixels);
  await batches.of(1); // may have been made before
  expect(await batches.of(0)).toEqual(batchMaker(plan)(0));
});

it('who waits is told when the thread ends', async () => {
  const batches = start();
  const waiting = batches.of(3);
  await batches.close();
  await expect(Promise.all([waiting, batches.of(4)])).rejects.toMatchObject({ code: 'stopped' });
});
