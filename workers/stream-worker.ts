// One worker of the group: frames from Kafka, budgets and load in Redis, the engine in its thread. Wiring only.
import { KafkaFrameSource } from '../src/adapters/kafka/frame-source.ts';
import { KafkaResultSink } from '../src/adapters/kafka/result-sink.ts';
import { createTopics, topicsOfWorkers } from '../src/adapters/kafka/topics.ts';
import { RedisBudgetStore } from '../src/adapters/redis/budget-store.ts';
import { RedisDepthStore } from '../src/adapters/redis/depth-store.ts';
import { systemClock } from '../src/adapters/system/clock.ts';
import type { Config } from '../src/config.ts';
import { kafkaConnection, redisConnection } from '../src/connections.ts';
import { readModel } from '../src/network/bundle.ts';
import { createPipeline } from '../src/pipeline/pipeline.ts';
import { retryAtStart } from '../src/pipeline/retry.ts';
import { pipelineSettings } from '../src/pipeline-settings.ts';
import type { EventSink } from '../src/ports.ts';
import { frameDecoder, stageRunner } from './frame-adapters.ts';

export interface StreamWorkerOptions {
  readonly events: EventSink;
  /** Make the topics that are missing, the frames topic with so many partitions; null = they must exist. */
  readonly partitions: number | null;
  /** Aborted to drain: finish what is admitted within the grace time, then leave. */
  readonly drain: AbortSignal;
  /** Aborted to stop at the next stage boundary. */
  readonly abort: AbortSignal;
}

/** Resolves when it has drained or was aborted. Errors: bad-bundle, engine-unavailable, broker-unavailable, and what breaks it later. */
export async function runStreamWorker(config: Config, options: StreamWorkerOptions): Promise<void> {
  const { events } = options;
  const model = await readModel(config.model);
  const retrying = (reason: string, inMs: number) => events.emit({ type: 'retry', what: 'consume', reason, inMs });
  const kafka = kafkaConnection(config);
  const redis = redisConnection(config);
  const topics = { coarse: config.coarseTopic, refined: config.refinedTopic, deadLetters: config.deadLetterTopic };
  const isTold = () => options.drain.aborted || options.abort.aborted;
  if (options.partitions !== null) {
    const { partitions } = options;
    const wanted = topicsOfWorkers(config.framesTopic, topics, partitions);
    const context = { clock: systemClock, events, isGivenUp: isTold };
    try {
      await retryAtStart('make the topics', () => createTopics(kafka, wanted), context);
    } catch (error) {
      if (isTold()) return;
      throw error;
    }
  }
  const pipeline = await createPipeline(
    {
      source: new KafkaFrameSource({
        ...kafka,
        topic: config.framesTopic,
        groupId: config.group,
        consumerConfig: { sessionTimeout: config.sessionTimeoutMs },
        retrying,
      }),
      sink: new KafkaResultSink({ ...kafka, topics }),
      decoder: frameDecoder(config, model),
      budgets: new RedisBudgetStore(redis),
      depths: new RedisDepthStore(redis),
      runner: stageRunner(config),
      clock: systemClock,
      events,
    },
    pipelineSettings(config, model),
  );
  const drained = onAbort(options.drain, () => pipeline.drain(config.drainMs));
  drained.catch(() => {}); // a drain while it starts may fail before it is waited for
  const aborted = onAbort(options.abort, () => pipeline.abort());
  try {
    await Promise.race([pipeline.start().then(() => Promise.race([drained, aborted])), pipeline.broken, aborted]);
  } catch (error) {
    await pipeline.abort();
    throw error;
  }
}

/** Resolves when `then`, called as the signal is aborted, has resolved. */
function onAbort(signal: AbortSignal, then: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = () => void then().then(resolve, reject);
    if (signal.aborted) call();
    else signal.addEventListener('abort', call, { once: true });
  });
}
