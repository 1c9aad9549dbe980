// A consumer that crashes or falls silent is replaced, so many times and no more.
import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ConsumerLife } from '../../../../src/adapters/kafka/consumer-life.ts';
import { fakeKafka } from '../../../fakes/kafkajs.ts';

const createRetry: (options: object) => (work: () => Promise<unknown>) => Promise<unknown> = createRequire(
  import.meta.url,
)('kafkajs/src/retry');

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function begin(maxRestarts: number, silentMs = 120_000, endOffset?: () => Promise<bigint>) {
  const { kafka, consumers } = fakeKafka();
  const told: string[] = [];
  const life = new ConsumerLife({
    kafka,
    topics: ['frames'],
    config: { groupId: 'workers' },
    joined: (_consumer, partitions) => told.push(`joined ${partitions.map(({ partition }) => partition)}`),
    batch: async () => {},
    lost: () => told.push('lost'),
    failed: (error) => told.push(`failed: ${error.message}`),
    retrying: (reason, inMs) => told.push(`retrying in ${inMs}: ${reason}`),
    maxRestarts,
    silentMs,
    ...(endOffset && { endOffset }),
  });
  const started = life.start();
  started.catch(() => {});
  return { life, consumers, told, started, last: () => consumers.at(-1) };
}

test('start resolves at the first join; every join is told', async () => {
  const { started, consumers, told } = begin(3);
  consumers[0]?.join({ frames: [0, 2] });
  await started;
  consumers[0]?.join({ frames: [1] });
  expect(told).toEqual(['joined 0,2', 'joined 1']);
});

test('a crash ends the consumer and a fresh one takes its place after a back-off that grows', async () => {
  const { consumers, told, last, started } = begin(3);
  consumers[0]?.join({ frames: [0] });
  await started;
  last()?.crash('first');
  expect(consumers[0]?.isDisconnected).toBe(true);
  await vi.advanceTimersByTimeAsync(250);
  expect(consumers).toHaveLength(2);
  last()?.crash('second');
  await vi.advanceTimersByTimeAsync(499);
  expect(consumers).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  last()?.join({ frames: [0] });
  expect(told).toEqual(['joined 0', 'lost', 'retrying in 250: first', 'lost', 'retrying in 500: second', 'joined 0']);
});

test('one that was given up and joined after all ends at its first batch, by an error that kafkajs does not try again', async () => {
  const { consumers, last, started, life } = begin(3);
  consumers[0]?.join({ frames: [0] });
  await started;
  await expect(consumers[0]?.batch()).resolves.toBeUndefined();
  consumers[0]?.crash('silent');
  await vi.advanceTimersByTimeAsync(250);
  let tries = 0;
  const read = createRetry({ retries: 38 })(async () => {
    tries += 1;
    await consumers[0]?.batch();
  });
  await expect(read).rejects.toThrow(/Expected a consumer of now/);
  expect(tries).toBe(1);
  await expect(last()?.batch()).resolves.toBeUndefined();
  await life.stop();
  await expect(last()?.batch()).resolves.toBeUndefined();
});

test('after too many restarts in a row it has failed, and nothing comes after that', async () => {
  const { consumers, told, last, started } = begin(2);
  consumers[0]?.join({ frames: [0] });
  await started;
  for (let crash = 0; crash < 3; crash++) {
    last()?.crash('again');
    await vi.advanceTimersByTimeAsync(60_000);
  }
  expect(told.at(-1)).toBe('failed: Expected the consumer to run after 2 restarts, got: again');
  expect(consumers).toHaveLength(3);
  last()?.crash('late');
  last()?.join({ frames: [0] });
  expect(told.filter((line) => line.startsWith('failed'))).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('a consumer that lived for a minute has all its restarts again', async () => {
  const { told, last, started, consumers } = begin(1);
  consumers[0]?.join({ frames: [0] });
  await started;
  for (let life = 0; life < 4; life++) {
    last()?.crash('now and then');
    await vi.advanceTimersByTimeAsync(250);
    last()?.join({ frames: [0] });
    await vi.advanceTimersByTimeAsync(60_001);
    last()?.heartbeat();
  }
  expect(told.filter((line) => line.startsWith('failed'))).toEqual([]);
});

test('one that tried in vain for a minute before it fell over has not', async () => {
  const { told, last, started, consumers } = begin(1);
  for (let life = 0; life < 2; life++) {
    last()?.join({ frames: [0] });
    await started;
    await vi.advanceTimersByTimeAsync(70_000);
    last()?.crash('no broker');
    await vi.advanceTimersByTimeAsync(250);
  }
  expect(told.at(-1)).toBe('failed: Expected the consumer to run after 1 restarts, got: no broker');
  expect(consumers).toHaveLength(2);
});

test('failing to connect counts as a crash; start rejects when the restarts are used up', async () => {
  const { started, consumers, told } = begin(2);
  for (let attempt = 0; attempt < 3; attempt++) {
    consumers.at(-1)?.crash('no broker');
    await vi.advanceTimersByTimeAsync(10_000);
  }
  await expect(started).rejects.toMatchObject({ code: 'broker-unavailable', retriable: true });
  expect(told.filter((line) => line.startsWith('failed'))).toEqual([]);
});

test('silence counts as a crash; a heartbeat in time does not', async () => {
  const { consumers, told, started } = begin(3, 10_000);
  consumers[0]?.join({ frames: [0] });
  await started;
  for (let beat = 0; beat < 5; beat++) {
    await vi.advanceTimersByTimeAsync(9000);
    consumers[0]?.heartbeat();
  }
  expect(told).toEqual(['joined 0']);
  await vi.advanceTimersByTimeAsync(13_000);
  expect(told.slice(1, 3)).toEqual(['lost', 'retrying in 250: No fetch and no heartbeat for 10000 ms']);
});

test('one that fetches no more while the broker answers is replaced, but not for ever', async () => {
  const { consumers, told, last, started } = begin(2, 120_000, async () => 7n);
  for (let life = 0; life < 3; life++) {
    last()?.join({ frames: [0] });
    await started;
    for (let second = 0; second < 70 && !last()?.isDisconnected; second++) {
      last()?.heartbeat();
      await vi.advanceTimersByTimeAsync(1000);
    }
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(told.filter((line) => line.startsWith('retrying'))).toHaveLength(2);
  expect(told.at(-1)).toMatch(/^failed: .*after 2 restarts.*No fetch for 3\d s, while the broker answers/);
  expect(consumers).toHaveLength(3);
});

test('after stop nothing is told and no timer is left', async () => {
  const { life, consumers, told, started } = begin(3);
  consumers[0]?.join({ frames: [0] });
  await started;
  await life.stop();
  await life.stop();
  consumers[0]?.crash('late');
  consumers[0]?.join({ frames: [0] });
  expect(told).toEqual(['joined 0']);
  expect(vi.getTimerCount()).toBe(0);
});
