// Two timers of kafkajs are mended, and still need to be: one that is busy for nothing, and one that a clock set back lengthens.
import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { mendRequestQueue } from '../../../../src/adapters/kafka/request-queue-patch.ts';

const require = createRequire(import.meta.url);
const PATH = require.resolve('kafkajs/src/network/requestQueue');

interface Queue {
  pending: unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
  maybeThrottle(ms: number): void;
  push(request: object): void;
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

const HOUR_MS = 3_600_000;

/** Asked to wait for so long each, then the clock is set back; when a request that comes then is sent, ms later, or null within two minutes. */
async function sentAfter(throttles: readonly number[], { setBackMs = HOUR_MS, waitsAlready = false } = {}) {
  const queue = newQueue();
  let sentAt: number | null = null;
  const push = () =>
    queue.push({
      entry: { correlationId: 1, apiKey: 1, apiName: 'x', apiVersion: 1 },
      expectResponse: true,
      sendRequest() {
        sentAt = performance.now();
      },
    });
  for (const ms of throttles) queue.maybeThrottle(ms);
  if (waitsAlready) push();
  vi.setSystemTime(Date.now() - setBackMs);
  const from = performance.now();
  if (!waitsAlready) push();
  await vi.advanceTimersByTimeAsync(120_000);
  return sentAt === null ? null : Math.round(sentAt - from);
}

test('kafkajs as it comes is throttled for as long as the clock was set back: when it no longer is, the patch can go', async () => {
  expect(await sentAfter([500])).toBe(null);
  expect(await sentAfter([500], { waitsAlready: true })).toBe(null);
});

test('mended, it waits for as long as it was asked to, once more at most', async () => {
  mendRequestQueue();
  expect(await sentAfter([500])).toBe(500);
  expect(await sentAfter([500], { waitsAlready: true })).toBe(1000);
  expect(await sentAfter([500, 2000, 100])).toBe(2000);
  expect(await sentAfter([500, 2000, 100], { setBackMs: 0 })).toBe(2000);
  expect(await sentAfter([0])).toBe(0);
});

test('mended, a throttle that is over lengthens none that follows', async () => {
  mendRequestQueue();
  const queue = newQueue();
  queue.maybeThrottle(60_000);
  await vi.advanceTimersByTimeAsync(60_000);
  queue.maybeThrottle(500);
  vi.setSystemTime(Date.now() - HOUR_MS);
  queue.scheduleCheckPendingRequests();
  expect(queue.throttledUntil - Date.now()).toBe(500);
});
