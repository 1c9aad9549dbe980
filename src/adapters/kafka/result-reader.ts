// ResultReader on Kafka: every record of the result topics, from their beginning or from now on, committing nothing. Positions
// are kept here and sought after every join, so that a rejoin or a restart neither loses nor repeats records.
import { randomUUID } from 'node:crypto';
import type { Admin, Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { DEFAULT_RESULT_TOPICS, parseResult, type ResultTopics } from '../../core/envelope.ts';
import { partitionKey, type TopicPartition } from '../../core/frame-record.ts';
import { AnytimeError } from '../../errors.ts';
import type { ReceivedRecord, ResultReader } from '../../ports.ts';
import { brokerError } from './broker-error.ts';
import { createClient, type KafkaOptions } from './client.ts';
import { ConsumerLife } from './consumer-life.ts';
import { singleHeaders } from './frame-record.ts';
import { unreadableBatch } from './record-batches-patch.ts';
import { untilKnown } from './until-known.ts';

export interface KafkaResultReaderOptions extends KafkaOptions {
  readonly topics?: ResultTopics;
  readonly from: 'beginning' | 'now';
}

/** A reader asks often: an answer is seen soon, and stopping takes no longer than this. */
const MAX_WAIT_MS = 100;

export class KafkaResultReader implements ResultReader {
  readonly #kafka: Kafka;
  readonly #topics: ResultTopics;
  readonly #from: 'beginning' | 'now';
  /** Next offset to read, by partition. */
  readonly #positions = new Map<string, bigint>();
  #handlers: Parameters<ResultReader['start']>[0] | null = null;
  #life: ConsumerLife | null = null;

  constructor(options: KafkaResultReaderOptions) {
    this.#kafka = createClient(options);
    this.#topics = options.topics ?? DEFAULT_RESULT_TOPICS;
    this.#from = options.from;
  }

  /** The topics must exist. Errors: broker-unavailable. */
  async start(handlers: Parameters<ResultReader['start']>[0]): Promise<void> {
    this.#handlers = handlers;
    const topics = Object.values(this.#topics);
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      await this.#fixPositions(admin, topics);
      this.#life = new ConsumerLife({
        kafka: this.#kafka,
        topics,
        config: { groupId: `anytime-watch-${randomUUID()}`, maxWaitTimeInMs: MAX_WAIT_MS },
        joined: (consumer, partitions) => this.#seek(consumer, partitions),
        batch: async (payload) => this.#batch(payload),
        lost: () => {},
        failed: (error) => handlers.failed(error),
      });
      await this.#life.start();
    } catch (error) {
      await this.#life?.stop();
      throw brokerError(`to read the topics ${topics.join(', ')}`, error);
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }

  async stop(): Promise<void> {
    await this.#life?.stop();
  }

  /** Whether all that stands on the topics as it is asked was handed over. Errors: broker-unavailable. */
  async hasReadAll(): Promise<boolean> {
    const topics = Object.values(this.#topics);
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      for (const topic of topics)
        for (const { partition, high } of await admin.fetchTopicOffsets(topic))
          if ((this.#positions.get(partitionKey({ topic, partition })) ?? 0n) < BigInt(high)) return false;
      return true;
    } catch (error) {
      throw brokerError(`to tell the ends of the topics ${topics.join(', ')}`, error);
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }

  async #fixPositions(admin: Admin, topics: readonly string[]): Promise<void> {
    for (const topic of topics) {
      for (const { partition, low, high } of await untilKnown(() => admin.fetchTopicOffsets(topic))) {
        this.#positions.set(partitionKey({ topic, partition }), BigInt(this.#from === 'now' ? high : low));
      }
    }
  }

  #seek(consumer: Consumer, partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      const position = this.#positions.get(partitionKey({ topic, partition }));
      if (position !== undefined) consumer.seek({ topic, partition, offset: String(position) });
    }
  }

  #batch({ batch: { topic, partition, messages }, resolveOffset }: EachBatchPayload): void {
    const key = partitionKey({ topic, partition });
    const position = this.#positions.get(key) ?? 0n;
    const fresh = messages.filter(({ offset }) => BigInt(offset) >= position);
    const last = messages.at(-1);
    if (!last) return;
    this.#positions.set(key, BigInt(last.offset) + 1n);
    const readable: ReceivedRecord[] = [];
    for (const message of fresh) {
      const why = unreadableBatch(message);
      if (why === null) readable.push(this.#received(topic, partition, message));
      // Answers that cannot be read are no answers: who reads is told, not left waiting.
      else this.#handlers?.failed(new AnytimeError('bad-batch', `${key}: ${why}`));
    }
    if (readable.length > 0) this.#handlers?.records(readable);
    resolveOffset(last.offset);
  }

  #received(topic: string, partition: number, message: KafkaMessage): ReceivedRecord {
    const { key, value, headers, timestamp, offset } = message;
    return {
      topic,
      partition,
      offset: BigInt(offset),
      key,
      value,
      headers: singleHeaders(headers),
      timestamp: Number(timestamp),
      result: topic === this.#topics.deadLetters ? null : parseResult(value),
    };
  }
}
