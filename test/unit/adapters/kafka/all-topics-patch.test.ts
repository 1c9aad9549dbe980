// What kafkajs makes of a cluster in which somebody's partition has no leader.
import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mendAllTopics } from '../../../../src/adapters/kafka/all-topics-patch.ts';

const require = createRequire(import.meta.url);
const PATH = require.resolve('kafkajs/src/protocol/requests/metadata');
const LEADER_NOT_AVAILABLE = 5;
const answer = {
  brokers: [{ nodeId: 1, host: 'here', port: 9092 }],
  topicMetadata: [
    {
      topicErrorCode: 0,
      topic: 'theirs',
      partitionMetadata: [{ partitionErrorCode: LEADER_NOT_AVAILABLE, partitionId: 0 }],
    },
  ],
};

type Parse = (data: object) => Promise<object>;
const parseOf = (topics: string[]): Parse =>
  require('kafkajs/src/protocol/requests').requests.Metadata.protocol({ version: 6 })({ topics }).response.parse;

const fresh = () => {
  for (const path of Object.keys(require.cache))
    if (path.includes('kafkajs/src/protocol/requests')) delete require.cache[path];
};
beforeEach(fresh);
afterEach(fresh);

test('kafkajs as it comes fails: when it no longer does, the patch can go', async () => {
  await expect(parseOf([])(answer)).rejects.toThrow('no leader');
});

test('mended, whoever asks about all topics is answered, and who asks about that one is told', async () => {
  mendAllTopics();
  mendAllTopics();
  expect(await parseOf([])(answer)).toBe(answer);
  await expect(parseOf(['theirs'])(answer)).rejects.toThrow('no leader');
});

test('is the module that brokers ask', () => {
  expect(require('kafkajs/src/protocol/requests').requests.Metadata).toBe(require(PATH));
});
