// How fast full depth is on each engine: all stages of a batch one after another, through the stage thread as a worker runs them.
import { performance } from 'node:perf_hooks';
import { createStageRunner } from '../../src/adapters/tfjs/stage-runner.ts';
import { readModel } from '../../src/network/bundle.ts';
import type { StageInput, StageRunner } from '../../src/ports.ts';
import { framePixels } from '../helpers/random-bundle.ts';
import { median } from './median.ts';

const BATCHES = [1, 4, 8, 16, 32];

interface Row {
  readonly batch: number;
  /** Per engine: frames a second at full depth, and the share of the time that was not spent computing (messages, copies). */
  readonly engines: Record<string, { framesPerSecond: number; overheadShare: number }>;
  /** Frames a second, native / wasm: median of the rounds' ratios; null without the native library. */
  readonly ratio: number | null;
}

export async function benchEngine(folder: string, rounds: number): Promise<object> {
  const model = await readModel(folder);
  const runners = new Map<string, StageRunner>();
  for (const backend of ['tensorflow', 'wasm'] as const) {
    const runner = createStageRunner({ bundleFolder: folder, backend, batchSizes: BATCHES });
    try {
      await runner.start();
      runners.set(backend, runner);
    } catch (error) {
      console.error(`Without ${backend}: ${(error as Error).message}`);
    }
  }
  const rows: Row[] = [];
  for (const batch of BATCHES) {
    const pixels = Array.from({ length: batch }, (_, i) => framePixels(model.network, i));
    const taken = new Map([...runners.keys()].map((name) => [name, [] as { wallMs: number; computeMs: number }[]]));
    for (let round = 0; round <= rounds; round++) {
      for (const [name, runner] of runners) {
        const time = await fullDepth(runner, model.stages.length, pixels);
        if (round > 0) taken.get(name)?.push(time); // the first warms up
      }
    }
    const [native, wasm] = [taken.get('tensorflow'), taken.get('wasm')];
    const ratios = native?.map(({ wallMs }, i) => (wasm?.[i]?.wallMs ?? Number.NaN) / wallMs) ?? [];
    rows.push({
      batch,
      engines: Object.fromEntries([...taken].map(([name, times]) => [name, figures(times, batch)])),
      ratio: ratios.length > 0 ? round3(median(ratios)) : null,
    });
    console.error(`batch ${batch}: ${JSON.stringify(rows.at(-1))}`);
  }
  const engines = [...runners.values()].map((runner) => runner.status().description);
  await Promise.all([...runners.values()].map((runner) => runner.stop()));
  return { bench: 'engine', model: `${model.name}@${model.version}`, rounds, engines, rows };
}

async function fullDepth(runner: StageRunner, stages: number, pixels: readonly Uint8Array[]) {
  const since = performance.now();
  let inputs: StageInput[] = pixels.map((own) => ({ handle: null, pixels: own }));
  let computeMs = 0;
  for (let stage = 1; stage <= stages; stage++) {
    const run = await runner.runStage(stage, inputs);
    computeMs += run.computeMs;
    inputs = run.outputs.map(({ handle }) => ({ handle, pixels: null }));
  }
  const wallMs = performance.now() - since;
  runner.release(inputs.flatMap(({ handle }) => handle ?? []));
  return { wallMs, computeMs };
}

function figures(times: readonly { wallMs: number; computeMs: number }[], batch: number) {
  const wallMs = median(times.map((time) => time.wallMs));
  const overhead = median(times.map((time) => 1 - time.computeMs / time.wallMs));
  return { framesPerSecond: round3((batch * 1000) / wallMs), overheadShare: round3(overhead) };
}

const round3 = (value: number) => Math.round(value * 1000) / 1000;
