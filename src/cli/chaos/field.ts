// A field for one measurement: topics of its own on the servers of the run, a sender, and the flags that bring workers to it.
import { randomUUID } from 'node:crypto';
import { KafkaFrameSender } from '../../adapters/kafka/frame-sender.ts';
import { createTopics, topicsOfWorkers } from '../../adapters/kafka/topics.ts';
import type { ResultTopics } from '../../core/envelope.ts';
import type { FrameSender } from '../../ports.ts';
import type { ChaosServices } from './chaos-services.ts';

export interface Field {
  readonly framesTopic: string;
  /** Of the workers. */
  readonly groupId: string;
  readonly topics: ResultTopics;
  readonly sender: FrameSender;
  /** Where to find all this, for `anytime worker`. */
  readonly workerFlags: readonly string[];
}

/** What the watcher is to know of results: when they came to their topic, which their stamps need not say. */
const RESULT_SETTINGS = { 'message.timestamp.type': 'LogAppendTime' };

/**
 * `way`: whether its workers go through the doors, which can be cut and slowed, or straight: what a door costs is then no part of what is
 * measured.
 */
export async function openField(
  services: ChaosServices,
  partitions: number,
  way: 'doors' | 'straight',
): Promise<Field> {
  const name = `chaos-${randomUUID().slice(0, 8)}`;
  const framesTopic = `${name}.frames`;
  const topics = { coarse: `${name}.coarse`, refined: `${name}.refined`, deadLetters: `${name}.dlq` };
  const kafka = { brokers: services.brokers };
  await createTopics(kafka, topicsOfWorkers(framesTopic, topics, partitions, RESULT_SETTINGS));
  const sender = new KafkaFrameSender({ ...kafka, topic: framesTopic });
  await sender.start();
  const [broker = '', redisUrl] =
    way === 'doors'
      ? [services.workerBroker, services.workerRedisUrl]
      : [services.brokers[0], `redis://127.0.0.1:${services.redisPort}`];
  return {
    ...{ framesTopic, groupId: name, topics, sender },
    workerFlags: [
      ...['--kafka-brokers', broker, '--redis-url', redisUrl],
      ...['--redis-prefix', name, '--group', name, '--frames-topic', framesTopic],
      ...['--coarse-topic', topics.coarse, '--refined-topic', topics.refined],
      ...['--dead-letter-topic', topics.deadLetters, '--deadline-ms', 'none', '--load-line-ms', '1000000'],
    ],
  };
}
