// The engine as serving has it, for measuring a bundle: no timed warm-up, batches of one size.
import { createStageRunner } from '../adapters/tfjs/stage-runner.ts';
import type { Config } from '../config.ts';
import type { StageRunner } from '../ports.ts';

/** Not started yet. `batch`: frames in a stage run. */
export function measuringRunner(
  { model, backend, threads }: Pick<Config, 'model' | 'backend' | 'threads'>,
  batch: number,
): StageRunner {
  return createStageRunner({
    bundleFolder: model,
    backend,
    batchSizes: [1, batch],
    timedRuns: 0,
    nativeSettings: threads === 0 ? {} : { TF_NUM_INTRAOP_THREADS: String(threads) },
  });
}
