// Waiting for a server: until it answers, or until it has ended.
import { expect, test } from 'vitest';
import { untilReady } from '../../../../../src/adapters/system/services/ready.ts';

test('asks again until it is answered', async () => {
  let asked = 0;
  await untilReady('Kafka', async () => {
    asked += 1;
    if (asked < 3) throw new Error('not yet');
  });
  expect(asked).toBe(3);
});

test('a server that has ended is not waited for: the error has what it said last', async () => {
  const child = { tail: () => 'Address already in use', hasExited: true, stop: async () => {} };
  const waiting = untilReady('Redis', () => Promise.reject(new Error('refused')), child);
  await expect(waiting).rejects.toThrow('Expected Redis to start, but it ended\nAddress already in use');
});
