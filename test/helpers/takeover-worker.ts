// A worker as a process of its own, so that a test can kill it: real Kafka, a fake engine, and a memory that dies with it, so that
// what its successor knows can only come from the commit. Frames whose value is one byte 1 are never done where `isStuck`.
//   node --import tsx test/helpers/takeover-worker.ts '{"brokers": […], "topic": …, "groupId": …, "isStuck": …, "resultTopics": {…}}'
import { KafkaFrameSource } from '../../src/adapters/kafka/frame-source.ts';
import { KafkaResultSink } from '../../src/adapters/kafka/result-sink.ts';
import { MemoryBudgetStore } from '../../src/adapters/memory/budget-store.ts';
import { MemoryDepthStore } from '../../src/adapters/memory/depth-store.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { loadConfig } from '../../src/config.ts';
import type { ResultTopics } from '../../src/core/envelope.ts';
import { readModel } from '../../src/network/bundle.ts';
import { createPipeline } from '../../src/pipeline/pipeline.ts';
import { pipelineSettings } from '../../src/pipeline-settings.ts';
import { FakeStageRunner } from '../fakes/stage-runner.ts';

export interface TakeoverWorkerOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly groupId: string;
  readonly resultTopics: ResultTopics;
  readonly isStuck: boolean;
}

const { brokers, topic, groupId, resultTopics, isStuck } = JSON.parse(process.argv[2] ?? '') as TakeoverWorkerOptions;
const config = loadConfig({ environment: {}, flags: { deadlineMs: null, workerId: `takeover-${process.pid}` } });
const model = await readModel(config.model);
const settings = pipelineSettings(config, model);
const sure = Float32Array.from(model.classes, (_, i) => (i === 0 ? 1 : 0));
const pipeline = await createPipeline(
  {
    // Brokers let no session be shorter than six seconds unless told so: so long it takes until a dead worker is given up.
    source: new KafkaFrameSource({ brokers, topic, groupId, consumerConfig: { sessionTimeout: 6000 } }),
    sink: new KafkaResultSink({ brokers, topics: resultTopics }),
    decoder: {
      decode: (bytes) => (isStuck && bytes[0] === 1 ? new Promise(() => {}) : Promise.resolve(new Uint8Array(bytes))),
    },
    budgets: new MemoryBudgetStore(systemClock),
    depths: new MemoryDepthStore(systemClock),
    runner: new FakeStageRunner({ clock: systemClock, stages: settings.table.stages, scores: () => sure }),
    clock: systemClock,
    events: {
      emit(event) {
        if (event.type === 'skipped') console.log(`skipped ${event.id} ${event.why}`);
        if (event.type === 'failed') console.error(event.reason);
      },
    },
  },
  settings,
);
await pipeline.start();
await pipeline.broken;
