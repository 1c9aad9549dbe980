// A real stage runner on a random bundle in a temporary folder, and the thread it started last.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { BackendChoice } from '../../src/adapters/tfjs/backend.ts';
import { spawnStageThread } from '../../src/adapters/tfjs/spawn-thread.ts';
import { createStageRunner, type StageRunnerOptions } from '../../src/adapters/tfjs/stage-runner.ts';
import { writeBundle } from '../../src/network/bundle.ts';
import type { Network } from '../../src/network/config.ts';
import type { StageRunner } from '../../src/ports.ts';
import type { StageRunnerUnderTest } from '../contracts/stage-runner.ts';
import { EVERY_KIND, framePixels, randomBundle } from './random-bundle.ts';

export interface BundleRunner {
  readonly runner: StageRunner;
  readonly folder: string;
  readonly classes: number;
  /** The stage thread started last. */
  thread(): Worker;
  cleanUp(): Promise<void>;
}

/** Not started yet. Warms up batches of 1 and 2 only. */
export async function bundleRunner(
  network: Network,
  backend: BackendChoice,
  options: Partial<StageRunnerOptions> = {},
): Promise<BundleRunner> {
  const { model, tensors } = randomBundle(network, 5);
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  await writeBundle(folder, model, tensors, '# Random weights\n', 'float32');
  let thread: Worker | undefined;
  const spawn = (threadOptions: Parameters<typeof spawnStageThread>[0]) => {
    thread = spawnStageThread(threadOptions);
    return thread;
  };
  const runner = createStageRunner({ bundleFolder: folder, backend, batchSizes: [1, 2], spawn, ...options });
  return {
    runner,
    folder,
    classes: model.classes.length,
    thread: () => {
      if (thread === undefined) throw new Error('No thread was started');
      return thread;
    },
    cleanUp: async () => {
      await runner.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** The real runner for the contract's suite. */
export async function realStageRunner(backend: BackendChoice): Promise<StageRunnerUnderTest> {
  const { runner, classes, thread, cleanUp } = await bundleRunner(EVERY_KIND, backend);
  return {
    runner,
    stages: EVERY_KIND.stages.length,
    classes,
    pixels: (index) => framePixels(EVERY_KIND, index),
    crashInNextRun: () => {
      const doomed = thread();
      doomed.postMessage = () => void doomed.terminate();
    },
    cleanUp,
  };
}
