// What a measuring run stands on: fresh topics, a sender, a reader and worker processes, taken down whatever happens.
import { randomUUID } from 'node:crypto';
import { KafkaFrameSender } from '../../adapters/kafka/frame-sender.ts';
import { KafkaResultReader } from '../../adapters/kafka/result-reader.ts';
import { createTopics, topicsOfWorkers } from '../../adapters/kafka/topics.ts';
import type { Services } from '../../adapters/system/services/services.ts';
import { AnytimeError } from '../../errors.ts';
import { type Fleet, startFleet } from './fleet.ts';

export interface FleetOptions {
  /** Begins the names of topics, group and keys. */
  readonly name: string;
  readonly services: Services;
  readonly workers: number;
  readonly partitions: number;
  /** Flags of every worker besides addresses and topics. */
  readonly workerFlags: readonly string[];
  /** Flags of node, of every worker. */
  readonly nodeFlags?: readonly string[];
  /** Where the reader begins. */
  readonly from: 'now' | 'beginning';
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface FleetConnections {
  readonly topics: { readonly coarse: string; readonly refined: string; readonly deadLetters: string };
  readonly sender: KafkaFrameSender;
  readonly reader: KafkaResultReader;
  readonly fleet: Fleet;
}

/** Answers what `measure` does. Its signal also ends when the run is over. Errors: of `measure`, of a worker that ends; `stopped` on the signal. */
export async function withFleet<T>(
  { name, services, workers, partitions, workerFlags, nodeFlags, from, say, signal }: FleetOptions,
  measure: (connections: FleetConnections, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const run = `${name}-${randomUUID().slice(0, 8)}`;
  const topics = { coarse: `${run}.coarse`, refined: `${run}.refined`, deadLetters: `${run}.dlq` };
  const framesTopic = `${run}.frames`;
  const kafka = { brokers: services.kafkaBrokers };
  await createTopics(kafka, topicsOfWorkers(framesTopic, topics, partitions));
  const sender = new KafkaFrameSender({ ...kafka, topic: framesTopic });
  const reader = new KafkaResultReader({ ...kafka, topics, from });
  say(`Starting ${workers} workers on ${partitions} partitions …`);
  const over = new AbortController();
  const fleet = startFleet(
    workers,
    (n) => [
      ...['--kafka-brokers', services.kafkaBrokers.join(','), '--redis-url', services.redisUrl],
      ...['--redis-prefix', run, '--group', run, '--worker-id', `worker-${n}`],
      ...['--frames-topic', framesTopic, '--coarse-topic', topics.coarse],
      ...['--refined-topic', topics.refined, '--dead-letter-topic', topics.deadLetters],
      ...workerFlags,
    ],
    nodeFlags,
  );
  try {
    const stopped = new Promise<never>((_, reject) => {
      const stop = () => reject(new AnytimeError('stopped', 'Expected to run to the end, got a signal to stop'));
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop);
    });
    stopped.catch(() => {});
    const going = measure({ topics, sender, reader, fleet }, AbortSignal.any([signal, over.signal]));
    going.catch(() => {}); // it may fail after the race was lost
    return await Promise.race([going, fleet.broken, stopped]);
  } finally {
    over.abort();
    await Promise.allSettled([fleet.stop(), sender.stop(), reader.stop()]);
  }
}
