// Warm-up: run every stage at every batch size before the first frame comes, and time it for the latency model.
import type { Engine } from './engine.ts';
import type { StageTiming } from './protocol.ts';

export interface WarmUpOptions {
  /** Ascending. The first two are always run: a latency model needs two points. */
  readonly batchSizes: readonly number[];
  /** Timed runs after one that is not; 0 = no timings. */
  readonly timedRuns: number;
  /** Further sizes are left out once this much time has gone, ms. */
  readonly warmUpMs: number;
}

/** Median run time of each (stage, batch size), ms. Leaves nothing held. */
export function warmUp(engine: Engine, options: WarmUpOptions, now: () => number): StageTiming[] {
  const begin = now();
  return options.batchSizes.flatMap((batch, index) => {
    if (index >= 2 && now() - begin > options.warmUpMs) return [];
    runAllStages(engine, batch);
    const runs = Array.from({ length: options.timedRuns }, () => runAllStages(engine, batch));
    return Array.from({ length: runs.length === 0 ? 0 : engine.stages }, (_, s) => ({
      stage: s + 1,
      batch,
      ms: median(runs.map((perStage) => perStage[s] ?? 0)),
    }));
  });
}

/** Compute time of each stage for one batch of made-up frames, ms. Its handles are negative: no frame ever has those. */
function runAllStages(engine: Engine, batch: number): number[] {
  const handles = Array.from({ length: batch }, (_, index) => -1 - index);
  const frames = handles.map((handle) => ({ handle, pixels: madeUpPixels(engine.pixelBytes, handle) }));
  const perStage = Array.from({ length: engine.stages }, (_, s) => engine.run(s + 1, frames).computeMs);
  engine.release(handles);
  return perStage;
}

function madeUpPixels(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 - seed * 17) % 256);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
