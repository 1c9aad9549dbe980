// The stage runner's suite, for the real one (wasm: there everywhere) and for the fake.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { spawnStageThread } from '../../src/adapters/tfjs/spawn-thread.ts';
import { createStageRunner } from '../../src/adapters/tfjs/stage-runner.ts';
import { writeBundle } from '../../src/network/bundle.ts';
import { FakeStageRunner } from '../fakes/stage-runner.ts';
import { EVERY_KIND, framePixels, randomBundle } from '../helpers/random-bundle.ts';
import { stageRunnerContract } from './stage-runner.ts';

stageRunnerContract('tfjs, wasm', async () => {
  const bundle = randomBundle(EVERY_KIND, 5);
  const bundleFolder = await mkdtemp(join(tmpdir(), 'bundle-'));
  await writeBundle(bundleFolder, bundle.model, bundle.tensors, '# Random weights\n', 'float32');
  let thread: Worker | undefined;
  const runner = createStageRunner({
    bundleFolder,
    backend: 'wasm',
    batchSizes: [1, 2],
    spawn: (options) => {
      thread = spawnStageThread(options);
      return thread;
    },
  });
  return {
    runner,
    stages: EVERY_KIND.stages.length,
    classes: bundle.model.classes.length,
    pixels: (index) => framePixels(EVERY_KIND, index),
    crashInNextRun: () => {
      const doomed = thread;
      if (doomed) doomed.postMessage = () => void doomed.terminate();
    },
    cleanUp: () => rm(bundleFolder, { recursive: true }),
  };
});

stageRunnerContract('fake', async () => {
  const runner = new FakeStageRunner({
    clock: systemClock,
    stages: 3,
    scores: (pixels, stage) => {
      const right = 1 - 1 / (1 + stage + (pixels[0] ?? 0));
      return Float32Array.of(right, 1 - right);
    },
  });
  return {
    runner,
    stages: 3,
    classes: 2,
    pixels: (index) => Uint8Array.of(index),
    crashInNextRun: () => runner.crash(),
  };
});
