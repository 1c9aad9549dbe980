// Keys go to the partitions where Kafka's other clients put them, and a large key takes no time.
import { Partitioners } from 'kafkajs';
import { expect, test } from 'vitest';
import { createPartitioner, murmur2 } from '../../../../src/adapters/kafka/partitioner.ts';

const partitionMetadata = Array.from({ length: 7 }, (_, partitionId) => ({
  partitionErrorCode: 0,
  partitionId,
  leader: 1,
  replicas: [],
  isr: [],
}));
const ask = (key: Buffer | null) => ({ topic: 't', partitionMetadata, message: { key, value: null } });

test('as kafkajs does it, for keys of every length', () => {
  const ours = createPartitioner();
  const theirs = Partitioners.DefaultPartitioner();
  for (let length = 0; length < 200; length++) {
    const key = Buffer.from(Array.from({ length }, (_, i) => (i * 97 + length * 31) % 256));
    expect(ours(ask(key)), `${length} bytes`).toBe(theirs(ask(key)));
  }
});

test('as Kafka’s own tests have it', () => {
  expect(murmur2(Buffer.from('21'))).toBe(-973932308);
  expect(murmur2(Buffer.from('a-little-bit-long-string'))).toBe(-985981536);
});

test('a record without a key gets some partition, a key of a megabyte gets its own in no time', () => {
  const ours = createPartitioner();
  expect(ours(ask(null))).toBeLessThan(7);
  const beganAt = performance.now();
  expect(ours(ask(Buffer.alloc(1_000_000)))).toBeLessThan(7);
  expect(performance.now() - beganAt).toBeLessThan(1000);
});
