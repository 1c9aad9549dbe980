// A Kafka in memory: topics with partitions, append, read by offset, and the consumer groups that share them.
import { partitionKey, type TopicPartition } from '../../core/frame-record.ts';
import { AnytimeError } from '../../errors.ts';
import type { Clock, OutgoingRecord } from '../../ports.ts';
import { MemoryGroup } from './group.ts';

export interface LogRecord extends TopicPartition {
  readonly offset: bigint;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, Uint8Array>>;
  readonly timestamp: number;
}

/** Nothing is ever dropped from it: it lives for a demo or a test. */
export class MemoryLog {
  readonly #clock: Clock;
  readonly #topics = new Map<string, LogRecord[][]>();
  readonly #groups = new Map<string, MemoryGroup>();
  readonly #listeners = new Map<string, Set<() => void>>();
  #roundRobin = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Makes the topic when it is not there; an existing one keeps its partitions. Returns the number of partitions it has. */
  createTopic(topic: string, partitions = 1): number {
    if (!Number.isInteger(partitions) || partitions < 1) {
      throw new AnytimeError('bad-argument', `Expected partitions to be a whole number above 0, got ${partitions}`);
    }
    if (!this.#topics.has(topic))
      this.#topics.set(
        topic,
        Array.from({ length: partitions }, () => []),
      );
    return this.#partitions(topic).length;
  }

  partitionsOf(topic: string): number {
    return this.#partitions(topic).length;
  }

  /** Keyed records go to the partition of their key's hash, the others to the partitions in turn. */
  append(topic: string, record: OutgoingRecord): LogRecord {
    const partitions = this.#partitions(topic);
    const partition = (record.key === null ? this.#roundRobin++ : hash(record.key)) % partitions.length;
    const records = partitions[partition] ?? [];
    const { key, value, headers } = record;
    const timestamp = record.timestamp ?? this.#clock.now();
    const appended = { topic, partition, offset: BigInt(records.length), key, value, headers, timestamp };
    records.push(appended);
    for (const listener of this.#listeners.get(partitionKey(appended)) ?? []) listener();
    return appended;
  }

  /** At most `max` records of a partition from `offset` on. */
  read({ topic, partition }: TopicPartition, offset: bigint, max: number): readonly LogRecord[] {
    return this.#partitions(topic)[partition]?.slice(Number(offset), Number(offset) + max) ?? [];
  }

  /** Offset that the next record of the partition will get. */
  endOffset({ topic, partition }: TopicPartition): bigint {
    return BigInt(this.#partitions(topic)[partition]?.length ?? 0);
  }

  /** `listener` is called at every append to the partition; the function returned ends it. */
  onAppend(partition: TopicPartition, listener: () => void): () => void {
    const key = partitionKey(partition);
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** The consumer group of this name; made when it is not there. */
  group(name: string): MemoryGroup {
    const group = this.#groups.get(name) ?? new MemoryGroup((topic) => this.partitionsOf(topic));
    this.#groups.set(name, group);
    return group;
  }

  #partitions(topic: string): LogRecord[][] {
    const partitions = this.#topics.get(topic);
    if (!partitions) throw new AnytimeError('broker-unavailable', `Expected topic "${topic}" to exist, got none of it`);
    return partitions;
  }
}

/** FNV-1a, 32 bits. */
function hash(bytes: Uint8Array): number {
  let value = 0x811c9dc5;
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
