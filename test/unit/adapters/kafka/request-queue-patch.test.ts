// The busy timer of kafkajs is mended, and still needs to be.
import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { mendRequestQueue } from '../../../../src/adapters/kafka/request-queue-patch.ts';

const require = createRequire(import.meta.url);
const PATH = require.resolve('kafkajs/src/network/requestQueue');

interface Queue {
  pending: unknown[];
  scheduleCheckPendingRequests(): void;
}

function newQueue(): Queue {
  const RequestQueue = require(PATH) as new (options: object) => Queue;
  return new RequestQueue({ maxInFlightRequests: 1, requestTimeout: 1000, logger: { debug() {} }, broker: 'b' });
}

beforeEach(() => {
  vi.useFakeTimers();
  delete require.cache[PATH]; // a fresh, unmended class for each test
});
afterEach(() => {
  vi.useRealTimers();
  delete require.cache[PATH];
});

test('kafkajs as it comes arms a timer with nothing pending: when it no longer does, the patch can go', () => {
  newQueue().scheduleCheckPendingRequests();
  expect(vi.getTimerCount()).toBe(1);
});

test('mended, it arms none with nothing pending, and one when something waits', () => {
  mendRequestQueue();
  mendRequestQueue();
  const queue = newQueue();
  queue.scheduleCheckPendingRequests();
  expect(vi.getTimerCount()).toBe(0);
  queue.pending.push({});
  queue.scheduleCheckPendingRequests();
  expect(vi.getTimerCount()).toBe(1);
});
