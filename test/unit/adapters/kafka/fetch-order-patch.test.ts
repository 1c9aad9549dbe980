// Each partition is the first of a fetch now and then.
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { mendFetchOrder } from '../../../../src/adapters/kafka/fetch-order-patch.ts';

const SubscriptionState = createRequire(import.meta.url)('kafkajs/src/consumer/subscriptionState');

test('all partitions are asked for, in turn from each of them, and topics too', () => {
  mendFetchOrder();
  mendFetchOrder();
  const state = new SubscriptionState();
  expect(state.assigned()).toEqual([]);
  state.assign([
    { topic: 'a', partitions: [0, 1, 2] },
    { topic: 'b', partitions: [7] },
  ]);
  const orders = new Set<string>();
  for (let i = 0; i < 300; i++)
    orders.add(
      state
        .assigned()
        .map(({ topic, partitions }: never) => `${topic}: ${partitions}`)
        .join('; '),
    );
  const of = (a: string) => [`a: ${a}; b: 7`, `b: 7; a: ${a}`];
  expect([...orders].sort()).toEqual([...of('0,1,2'), ...of('1,2,0'), ...of('2,0,1')].sort());
});
