// The real stage thread under frames that crash or hang it: only they become dead letters, and the good ones of their batch are answered.
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../src/adapters/memory/budget-store.ts';
import { MemoryDepthStore } from '../../src/adapters/memory/depth-store.ts';
import { MemoryFrameSource } from '../../src/adapters/memory/frame-source.ts';
import { MemoryLog } from '../../src/adapters/memory/log.ts';
import { MemoryResultSink } from '../../src/adapters/memory/result-sink.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import type { ThreadOptions } from '../../src/adapters/tfjs/protocol.ts';
import { COLOURS } from '../../src/cli/chaos/fault-pixels.ts';
import { loadConfig } from '../../src/config.ts';
import { DEFAULT_RESULT_TOPICS, parseResult } from '../../src/core/envelope.ts';
import type { PipelineEvent } from '../../src/core/events.ts';
import { createPipeline, type Pipeline } from '../../src/pipeline/pipeline.ts';
import { pipelineSettings } from '../../src/pipeline-settings.ts';
import type { FrameDecoder } from '../../src/ports.ts';
import { type BundleRunner, bundleRunner } from '../helpers/bundle-runner.ts';
import { EVERY_KIND, framePixels, randomBundle } from '../helpers/random-bundle.ts';
import { until } from '../helpers/until.ts';

const FRAMES = 24;
const POISONOUS = [3, 17];
/** The value of each frame is its pixels. */
const decoder: FrameDecoder = { decode: async (bytes) => new Uint8Array(bytes) };

let real: BundleRunner | undefined;
let pipeline: Pipeline | undefined;
afterEach(async () => {
  await pipeline?.abort();
  await real?.cleanUp();
  [real, pipeline] = [undefined, undefined];
});

/** The real stage thread, but that frames of one colour crash it, frames of another hang it, when their run has its turn. */
function faultyThread(options: ThreadOptions): Worker {
  const file = new URL('../../src/cli/chaos/faulty-stage-thread.ts', import.meta.url);
  const source = `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(file.href)})))`;
  return new Worker(source, { eval: true, workerData: options, env: SHARE_ENV });
}

it.each(['crashes', 'hangs'] as const)('a frame that %s the engine', { timeout: 120_000 }, async (how) => {
  real = await bundleRunner(EVERY_KIND, 'wasm', { spawn: faultyThread });
  const log = new MemoryLog(systemClock);
  for (const topic of ['frames', ...Object.values(DEFAULT_RESULT_TOPICS)]) log.createTopic(topic, 1);
  const config = loadConfig({ environment: {}, flags: { deadlineMs: 'none', hangFloorMs: 3000, commitEveryMs: 20 } });
  const events: PipelineEvent[] = [];
  pipeline = await createPipeline(
    {
      source: new MemoryFrameSource({ log, topic: 'frames', groupId: 'workers' }),
      sink: new MemoryResultSink(log),
      decoder,
      budgets: new MemoryBudgetStore(systemClock),
      depths: new MemoryDepthStore(systemClock),
      runner: real.runner,
      clock: systemClock,
      events: { emit: (event) => events.push(event) },
    },
    pipelineSettings(config, randomBundle(EVERY_KIND, 5).model),
  );
  for (let i = 0; i < FRAMES; i++) {
    const value = framePixels(EVERY_KIND, i);
    const colour = COLOURS[`${how}-engine`];
    for (let at = 0; POISONOUS.includes(i) && at < value.length; at++) value[at] = colour[at % 3] ?? 0;
    log.append('frames', { key: null, value, headers: { ce_id: new TextEncoder().encode(`f${i}`) } });
  }
  await pipeline.start();
  const committed = () => log.group('workers').committed({ topic: 'frames', partition: 0 })?.offset;
  await until(async () => committed() === BigInt(FRAMES), 100_000);
  const finals = [DEFAULT_RESULT_TOPICS.coarse, DEFAULT_RESULT_TOPICS.refined]
    .flatMap((topic) => log.read({ topic, partition: 0 }, 0n, 10_000))
    .flatMap(({ value }) => parseResult(value) ?? [])
    .filter(({ final }) => final);
  const rejected = finals.filter(({ exit }) => exit === 'rejected').map(({ id }) => id);
  expect(rejected.sort()).toEqual(POISONOUS.map((i) => `f${i}`).sort());
  expect(finals.filter(({ label }) => label !== null)).toHaveLength(FRAMES - POISONOUS.length);
  expect(Number(log.endOffset({ topic: DEFAULT_RESULT_TOPICS.deadLetters, partition: 0 }))).toBe(POISONOUS.length);
  const restarts = events.flatMap((event) => (event.type === 'engine-restarted' ? event.reason : []));
  for (const reason of restarts)
    expect(reason).toMatch(how === 'hangs' ? /no answer within \d+ ms/ : /This frame crashes the engine/);
  expect(real.runner.status()).toMatchObject({ heldActivations: 0, heldBytes: 0 });
});
