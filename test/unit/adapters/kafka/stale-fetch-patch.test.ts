// What was fetched before a join of the group does not count after it, nor what was fetched twice: seen on kafkajs' own consumer group and runner.
import { createRequire } from 'node:module';
import { Kafka, logLevel } from 'kafkajs';
import { beforeAll, describe, expect, test } from 'vitest';
import { mendStaleFetch } from '../../../../src/adapters/kafka/stale-fetch-patch.ts';

const require = createRequire(import.meta.url);
const ConsumerGroup = require('kafkajs/src/consumer/consumerGroup');
const Runner = require('kafkajs/src/consumer/runner');
const { fetch } = ConsumerGroup.prototype;
const { handleBatch } = Runner.prototype;

type Message = { offset: string; key: null; value: Buffer; headers: object };
const record = (offset: number): Message => ({
  offset: String(offset),
  key: null,
  value: Buffer.of(1),
  headers: {},
});
/** A transaction's end: kafkajs shows it to nobody. */
const marker = (offset: number) => ({ ...record(offset), isControlRecord: true });

/** Positions of one assignment, as kafkajs keeps them, at 5. */
const positions = () => ({
  resolved: [] as string[],
  next: 5,
  committed: '5' as string | null,
  committedOffsets() {
    return { frames: { 0: this.committed } };
  },
  nextOffset() {
    return this.next;
  },
  resolveOffset({ offset }: { offset: string }) {
    this.resolved.push(offset);
    this.next = Number(offset) + 1;
  },
  commitOffsetsIfNecessary: async () => {},
});

type Between = 'before the answer' | 'before the batch' | 'never';

/**
 * A fetch from 5 on that brings `messages`, or fails for want of any, with a join before the answer, before its batch is handled, or not at
 * all; `twice`: another broker is asked for the same meanwhile. `isReset`: the positions are not known when the batch is handled.
 */
async function fetched(messages: readonly object[], joins: Between, { twice = false, isReset = false } = {}) {
  let recoveries = 0;
  const group = Object.create(ConsumerGroup.prototype);
  const before = positions();
  const after = positions();
  const join = () => {
    group.offsetManager = after;
  };
  Object.assign(group, {
    offsetManager: before,
    cluster: {
      refreshMetadataIfNecessary: async () => {},
      findBroker: async () => ({
        async fetch() {
          if (joins === 'before the answer') join();
          if (messages.length === 0) throw new Error('offset out of range');
          const partition = { partition: 0, highWatermark: '9', messages };
          return { responses: [{ topicName: 'frames', partitions: [partition] }] };
        },
      }),
    },
    subscriptionState: {
      assigned: () => [{ topic: 'frames', partitions: [0] }],
      active: () => [{ topic: 'frames', partitions: [0] }],
      isPaused: () => false,
    },
    seekOffset: { size: 0, has: () => false },
    checkForStaleAssignment() {},
    async recoverFromFetch() {
      recoveries += 1;
    },
    filterPartitionsByNode: (_: number, all: object) => all,
    seekOffsets: async () => {},
    preferredReadReplicasPerTopicPartition: {},
    maxWaitTime: 1,
    heartbeat: async () => {},
  });
  const taken: string[] = [];
  const runner = Object.create(Runner.prototype);
  Object.assign(runner, {
    running: true,
    logger: new Kafka({ brokers: ['nowhere:1'], logLevel: logLevel.NOTHING }).logger(),
    instrumentationEmitter: { emit() {} },
    consumerGroup: group,
    eachBatchAutoResolve: false,
    heartbeat: async () => {},
    autoCommitOffsets: async () => {},
    autoCommitOffsetsIfNecessary: async () => {},
    async eachBatch({ batch, resolveOffset }: { batch: { messages: Message[] }; resolveOffset(offset: string): void }) {
      for (const { offset } of batch.messages) {
        taken.push(offset);
        resolveOffset(offset);
      }
    },
  });
  const batches = await group.fetch(0);
  if (twice) batches.push(...(await group.fetch(1)));
  if (isReset) before.committed = null;
  if (joins === 'before the batch') join();
  for (const batch of batches) await runner.handleBatch(batch);
  return { taken, before: before.resolved, after: after.resolved, recoveries };
}

const overtaken = ['before the answer', 'before the batch'] as const;

describe('kafkajs as it comes: when it no longer does so, this mend can go', () => {
  beforeAll(() => {
    ConsumerGroup.prototype.fetch = fetch;
    Runner.prototype.handleBatch = handleBatch;
  });
  test.each(overtaken)('a join %s: records go to the new assignment', async (joins) => {
    expect((await fetched([record(5), record(6)], joins)).taken).toEqual(['5', '6']);
  });
  test.each(overtaken)('a join %s: a marker moves the reading of the new assignment', async (joins) => {
    expect((await fetched([marker(500)], joins)).after).toEqual(['500']);
  });
  test('records that two brokers were asked for come twice', async () => {
    expect((await fetched([record(5), record(6)], 'never', { twice: true })).taken).toEqual(['5', '6', '5', '6']);
  });
  test('a fetch that failed is made good in the new assignment', async () => {
    expect((await fetched([], 'before the answer')).recoveries).toBe(1);
  });
});

describe('mended', () => {
  beforeAll(() => {
    mendStaleFetch();
    mendStaleFetch();
  });
  test.each(overtaken)('a join %s: neither', async (joins) => {
    for (const messages of [[record(5), record(6)], [marker(500)]])
      expect(await fetched(messages, joins)).toEqual({ taken: [], before: [], after: [], recoveries: 0 });
    expect((await fetched([], 'before the answer')).recoveries).toBe(0);
  });
  test('records that two brokers were asked for come once, markers too', async () => {
    expect((await fetched([record(5), record(6)], 'never', { twice: true })).taken).toEqual(['5', '6']);
    expect((await fetched([marker(500)], 'never', { twice: true })).before).toEqual(['500']);
  });
  test('while positions are being found anew nothing is taken, and none is made up', async () => {
    expect(await fetched([record(5)], 'never', { isReset: true })).toMatchObject({ taken: [], before: [] });
  });
  test('without a join all is as before', async () => {
    expect((await fetched([record(5), record(6)], 'never')).taken).toEqual(['5', '6']);
    expect((await fetched([marker(500)], 'never')).before).toEqual(['500']);
    expect((await fetched([], 'never')).recoveries).toBe(1);
  });
});
