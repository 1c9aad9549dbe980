// The whole product in one process: the log, the stores and the worker in memory, the engine in its thread. Wiring.

import { frameDecoder, stageRunner } from '../../../workers/frame-adapters.ts';
import { MemoryBudgetStore } from '../../adapters/memory/budget-store.ts';
import { MemoryDepthStore } from '../../adapters/memory/depth-store.ts';
import { MemoryFrameSource } from '../../adapters/memory/frame-source.ts';
import { MemoryLog } from '../../adapters/memory/log.ts';
import { MemoryResultReader } from '../../adapters/memory/result-reader.ts';
import { MemoryResultSink } from '../../adapters/memory/result-sink.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import type { Config } from '../../config.ts';
import { LatencyModel } from '../../core/latency-model.ts';
import type { Model } from '../../network/model.ts';
import { createPipeline, type Pipeline } from '../../pipeline/pipeline.ts';
import { pipelineSettings } from '../../pipeline-settings.ts';
import type { EventSink, FrameDecoder, ResultReader } from '../../ports.ts';

export interface EmbeddedWorker {
  readonly log: MemoryLog;
  readonly pipeline: Pipeline;
  readonly reader: ResultReader;
  readonly decoder: FrameDecoder;
  /** As the warm-up measured it. */
  readonly latency: LatencyModel;
  /** For people: "wasm (SIMD)". */
  readonly engine: string;
}

const PARTITIONS = 4;

/** Loads the bundle and warms the engine up; the pipeline is made but not started. Errors: bad-bundle, engine-unavailable. */
export async function createEmbeddedWorker(config: Config, model: Model, events: EventSink): Promise<EmbeddedWorker> {
  const log = new MemoryLog(systemClock);
  log.createTopic(config.framesTopic, PARTITIONS);
  const topics = { coarse: config.coarseTopic, refined: config.refinedTopic, deadLetters: config.deadLetterTopic };
  const runner = stageRunner(config);
  const timings = await runner.start();
  const decoder = frameDecoder(config, model);
  const pipeline = await createPipeline(
    {
      source: new MemoryFrameSource({ log, topic: config.framesTopic, groupId: config.group }),
      sink: new MemoryResultSink(log, topics),
      decoder,
      budgets: new MemoryBudgetStore(systemClock),
      depths: new MemoryDepthStore(systemClock),
      runner,
      clock: systemClock,
      events,
    },
    pipelineSettings(config, model),
  );
  return {
    log,
    pipeline,
    reader: new MemoryResultReader({ log, topics, from: 'beginning' }),
    decoder,
    latency: new LatencyModel(model.stages.length, timings),
    engine: runner.status().description,
  };
}
