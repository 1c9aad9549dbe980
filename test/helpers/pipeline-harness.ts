// A whole pipeline on in-memory adapters, a fake engine and a clock that a test moves: frames go in at one end, records come out
// at the other.
import { setImmediate } from 'node:timers/promises';
import { afterEach } from 'vitest';
import { MemoryBudgetStore } from '../../src/adapters/memory/budget-store.ts';
import { MemoryDepthStore } from '../../src/adapters/memory/depth-store.ts';
import { MemoryFrameSource } from '../../src/adapters/memory/frame-source.ts';
import { MemoryLog } from '../../src/adapters/memory/log.ts';
import { MemoryResultSink } from '../../src/adapters/memory/result-sink.ts';
import { DEFAULT_RESULT_TOPICS, parseResult } from '../../src/core/envelope.ts';
import type { PipelineEvent } from '../../src/core/events.ts';
import type { ResultValue } from '../../src/core/result.ts';
import { AnytimeError } from '../../src/errors.ts';
import type { PipelineSettings, Ports } from '../../src/pipeline/context.ts';
import { createPipeline, type Pipeline } from '../../src/pipeline/pipeline.ts';
import type { FrameDecoder } from '../../src/ports.ts';
import { ManualClock } from '../fakes/manual-clock.ts';
import { FakeStageRunner } from '../fakes/stage-runner.ts';
import { table } from './frames.ts';
import { utf8 } from './records.ts';

export const CLASSES = ['cat', 'dog', 'owl'];

/** A frame's value: class index, then the confidence in percent after each stage. */
export const image = (label: number, ...percent: number[]): Uint8Array => Uint8Array.of(label, ...percent);

const decoder: FrameDecoder = {
  async decode(bytes) {
    if ((bytes[0] ?? 99) >= CLASSES.length) throw new AnytimeError('bad-image', 'Expected a class, got noise');
    return new Uint8Array(bytes);
  },
};

export interface Harness extends Ports {
  readonly clock: ManualClock;
  readonly runner: FakeStageRunner;
  readonly log: MemoryLog;
  readonly pipeline: Pipeline;
  readonly seen: PipelineEvent[];
  send(value: Uint8Array | null, headers?: Record<string, string>, key?: string): void;
  /** Result values of both topics in order of publication, or of one frame. */
  results(id?: string): ResultValue[];
  deadLetters(): number;
  committed(): bigint | undefined;
  /** Let the event loop and the clock (1 ms a step) go on until `done`, at most `steps`. */
  until(done: () => boolean, steps?: number): Promise<void>;
}

export interface HarnessOptions {
  readonly settings?: Partial<PipelineSettings>;
  readonly ports?: Partial<Ports>;
  readonly costMs?: (stage: number, batch: number) => number;
  readonly log?: MemoryLog;
  readonly clock?: ManualClock;
  /** Told of the pipeline before it is started. */
  readonly made?: (pipeline: Pipeline) => void;
}

export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const clock = options.clock ?? new ManualClock();
  const log = options.log ?? new MemoryLog(clock);
  for (const topic of ['frames', ...Object.values(DEFAULT_RESULT_TOPICS)]) log.createTopic(topic, 1);
  const seen: PipelineEvent[] = [];
  const runner = new FakeStageRunner({
    clock,
    stages: table.stages,
    costMs: options.costMs ?? ((_, batch) => batch),
    scores: (pixels, stage) => {
      const confidence = (pixels[stage] ?? 50) / 100;
      return Float32Array.from(CLASSES, (_, i) => (i === pixels[0] ? confidence : (1 - confidence) / 2));
    },
  });
  const ports: Ports = {
    source: new MemoryFrameSource({ log, topic: 'frames', groupId: 'workers' }),
    sink: new MemoryResultSink(log),
    decoder,
    budgets: new MemoryBudgetStore(clock),
    depths: new MemoryDepthStore(clock),
    runner,
    clock,
    events: { emit: (event) => seen.push(event) },
    ...options.ports,
  };
  const settings: PipelineSettings = {
    workerId: 'w1',
    model: 'fake@1',
    classes: CLASSES,
    table,
    answer: { rule: 'latest' },
    defaults: { deadlineMs: null, budget: 1, minConfidence: 0.9 },
    credits: { maxFrames: 1000, maxBytes: 1e9 },
    schedule: { maxBatch: 8, maxRunMs: 50 },
    maxHeldActivationBytes: 1e9,
    maxUnsentBytes: 1e9,
    frameTtlMs: 60_000,
    loadEveryMs: 250,
    commitEveryMs: 20,
    maxOffsetMapBytes: 3500,
    maxFailedRuns: 3,
    maxAttempts: 3,
    hang: { factor: 20, floorMs: 1000 },
    ...options.settings,
  };
  const pipeline = await createPipeline(ports, settings);
  const started = pipeline.start();
  options.made?.(pipeline);
  await started;
  const values = () =>
    [DEFAULT_RESULT_TOPICS.coarse, DEFAULT_RESULT_TOPICS.refined]
      .flatMap((topic) => log.read({ topic, partition: 0 }, 0n, Number.MAX_SAFE_INTEGER))
      .flatMap(({ value }) => parseResult(value) ?? []);
  return {
    ...ports,
    clock,
    runner,
    log,
    pipeline,
    seen,
    send(value, headers = {}, key) {
      const bytes = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, utf8(text)]));
      log.append('frames', { key: key === undefined ? null : utf8(key), value, headers: bytes });
    },
    results: (id) => values().filter((value) => id === undefined || value.id === id),
    deadLetters: () => Number(log.endOffset({ topic: DEFAULT_RESULT_TOPICS.deadLetters, partition: 0 })),
    committed: () => log.group('workers').committed({ topic: 'frames', partition: 0 })?.offset,
    async until(done, steps = 3000) {
      for (let i = 0; i < steps && !done(); i++) {
        await setImmediate();
        clock.advance(1);
      }
      if (!done())
        throw new Error(`Expected it within ${steps} steps; last events: ${JSON.stringify(seen.slice(-5), text)}`);
    },
  };
}

const text = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

/** For a test file: starts harnesses and ends them after each test. */
export function useHarnesses(): (options?: HarnessOptions) => Promise<Harness> {
  let running: Harness[] = [];
  afterEach(async () => {
    await Promise.all(running.map(({ pipeline }) => pipeline.abort()));
    running = [];
  });
  return async (options) => {
    const harness = await startHarness(options);
    running.push(harness);
    return harness;
  };
}
