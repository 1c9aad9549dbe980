// How often a consumer tries what fails is what its client was told: counted on kafkajs' own consumer, whose cluster a test makes up.
import { createRequire } from 'node:module';
import { afterEach, expect, test, vi } from 'vitest';
import { createClient } from '../../../../src/adapters/kafka/client.ts';
import { ConsumerLife } from '../../../../src/adapters/kafka/consumer-life.ts';

const require = createRequire(import.meta.url);
const Cluster = require('kafkajs/src/cluster');
const ConsumerGroup = require('kafkajs/src/consumer/consumerGroup');

afterEach(() => {
  vi.restoreAllMocks();
});

test.each([3, 8])('%i more times, then it is given up', async (retries) => {
  vi.spyOn(Cluster.prototype, 'connect').mockResolvedValue(undefined);
  vi.spyOn(Cluster.prototype, 'addMultipleTargetTopics').mockResolvedValue(undefined);
  vi.spyOn(ConsumerGroup.prototype, 'connect').mockResolvedValue(undefined);
  vi.spyOn(ConsumerGroup.prototype, 'joinAndSync').mockResolvedValue(undefined);
  vi.spyOn(ConsumerGroup.prototype, 'getNodeIds').mockReturnValue(['0']);
  const fetch = vi.spyOn(ConsumerGroup.prototype, 'fetch').mockRejectedValue(new Error('no broker'));
  const retry = { initialRetryTime: 1, maxRetryTime: 2, retries };
  const failed = new Promise<Error>((resolve) => {
    const life = new ConsumerLife({
      kafka: createClient({ brokers: ['nowhere:1'], clientConfig: { retry } }),
      topics: ['frames'],
      config: { groupId: 'workers' },
      joined() {},
      batch: async () => {},
      lost() {},
      failed: resolve,
      maxRestarts: 0,
    });
    life.start().catch(resolve);
  });
  expect((await failed).message).toContain('after 0 restarts, got: no broker');
  expect(fetch).toHaveBeenCalledTimes(1 + retries);
});
