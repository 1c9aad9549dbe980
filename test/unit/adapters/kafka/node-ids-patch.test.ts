// A consumer that knows no broker for a moment asks those it knew, instead of falling over.
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { mendNodeIds } from '../../../../src/adapters/kafka/node-ids-patch.ts';

const require = createRequire(import.meta.url);
const ConsumerGroup = require('kafkajs/src/consumer/consumerGroup');
const createFetchManager = require('kafkajs/src/consumer/fetchManager');

const group = (known: { ids: string[] }) =>
  Object.assign(Object.create(ConsumerGroup.prototype), { cluster: { getNodeIds: () => known.ids } });

test('the brokers known last stand in for none, each group for itself', () => {
  mendNodeIds();
  mendNodeIds();
  const known = { ids: ['1', '2'] };
  const one = group(known);
  expect(one.getNodeIds()).toEqual(['1', '2']);
  known.ids = [];
  expect(one.getNodeIds()).toEqual(['1', '2']);
  expect(group({ ids: [] }).getNodeIds()).toEqual([]);
  known.ids = ['3'];
  expect(one.getNodeIds()).toEqual(['3']);
});

test('fetches are set up while no broker is known, and their failure is one that is tried again', async () => {
  mendNodeIds();
  const known = { ids: ['1'] };
  const one = group(known);
  one.getNodeIds();
  known.ids = [];
  const logger = { namespace: () => logger, debug: () => {} };
  const asked: string[] = [];
  const manager = createFetchManager({
    logger,
    getNodeIds: () => one.getNodeIds(),
    handler: async () => {},
    fetch: async (nodeId: string) => {
      asked.push(nodeId);
      throw new Error('Broker 1 not found in the cached metadata');
    },
  });
  await expect(manager.start()).rejects.toThrow('Broker 1 not found');
  expect(asked).toEqual(['1']);
});
