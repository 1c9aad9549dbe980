// A request to Kafka is tried once by kafkajs: what it makes of a second try by itself can be a loss.
import { createRequire } from 'node:module';
import { Kafka, logLevel, type Message, type RetryOptions } from 'kafkajs';
import { expect, test } from 'vitest';
import { RETRY } from '../../../../src/adapters/kafka/client.ts';
import { createPartitioner } from '../../../../src/adapters/kafka/partitioner.ts';
import { ONE_TRY } from '../../../../src/adapters/kafka/producer.ts';

const require = createRequire(import.meta.url);

type SendMessages = (batch: {
  acks: number;
  topicMessages: readonly { topic: string; messages: readonly Message[] }[];
}) => Promise<unknown>;

/** Two brokers lead a partition each; with the first request partition 0 moves to the broker that takes partition 1. */
function movingLeader(retry: RetryOptions) {
  const createSendMessages = require('kafkajs/src/producer/sendMessages.js') as (parts: object) => SendMessages;
  const createRetry = require('kafkajs/src/retry') as (options: object) => unknown;
  const appended: string[] = [];
  const leaders = [1, 2];
  const broker = (nodeId: number) => ({
    nodeId,
    async produce({ topicData }: { topicData: { partitions: { partition: number; messages: Message[] }[] }[] }) {
      if (nodeId === 1) {
        await new Promise((resolve) => setTimeout(resolve, 5)); // the other has its answer by then
        leaders[0] = 2;
        throw Object.assign(new Error('not leader'), {
          name: 'KafkaJSProtocolError',
          retriable: true,
          type: 'NOT_LEADER_FOR_PARTITION',
        });
      }
      for (const { messages } of topicData.flatMap(({ partitions }) => partitions))
        appended.push(...messages.map(({ value }) => String(value)));
      return { topics: [{ topicName: 't', partitions: [{ partition: 1, errorCode: 0 }] }] };
    },
  });
  const brokers = [broker(1), broker(2)];
  const cluster = {
    targetTopics: new Set(['t']),
    addMultipleTargetTopics: async () => {},
    refreshMetadataIfNecessary: async () => {},
    refreshMetadata: async () => {},
    isConnected: () => true,
    removeBroker() {},
    findBroker: async ({ nodeId }: { nodeId: string }) => brokers[Number(nodeId) - 1],
    findTopicPartitionMetadata: () => leaders.map((leader, partitionId) => ({ partitionId, leader })),
    findLeaderForPartitions(_: string, partitions: string[]) {
      const byLeader: Record<number, number[]> = {};
      for (const partition of partitions.map(Number)) {
        const leader = leaders[partition] ?? 0;
        byLeader[leader] = [...(byLeader[leader] ?? []), partition];
      }
      return byLeader;
    },
  };
  const eosManager = {
    acquireBrokerLock: async () => {},
    releaseBrokerLock: async () => {},
    isTransactional: () => false,
    getSequence: () => 0,
    updateSequence() {},
    getProducerId: () => 1,
    getProducerEpoch: () => 0,
  };
  const logger = new Kafka({ brokers: ['nowhere:1'], logLevel: logLevel.NOTHING }).logger();
  const retrier = createRetry({ ...retry, initialRetryTime: 1, maxRetryTime: 5 });
  const send = createSendMessages({ logger, cluster, partitioner: createPartitioner(), eosManager, retrier });
  const messages = [0, 1].map((partition) => ({ key: null, value: `for ${partition}`, partition }));
  return { appended, sent: send({ acks: -1, topicMessages: [{ topic: 't', messages }] }) };
}

test('kafkajs by itself calls records acknowledged that it sent nowhere, when a leader moves: when it no longer does, this can go', async () => {
  const { appended, sent } = movingLeader(RETRY);
  await sent;
  expect(appended).toEqual(['for 1']);
});

test('with one try the request fails, and whoever sent it knows', async () => {
  const { appended, sent } = movingLeader(ONE_TRY);
  await expect(sent).rejects.toThrow('not leader');
  expect(appended).toEqual(['for 1']);
});
