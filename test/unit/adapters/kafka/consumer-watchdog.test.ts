// A consumer that stays connected and consumes nothing is told from one that has nothing to consume, and from a broker that is away.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchConsumer } from '../../../../src/adapters/kafka/consumer-watchdog.ts';
import { FakeConsumer } from '../../../fakes/kafkajs.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const ALL = ['HEARTBEAT', 'FETCH', 'START_BATCH_PROCESS'] as const;

function watch(sessionTimeoutMs = 30_000) {
  const consumer = new FakeConsumer();
  const told: { reason: string; aliveForMs: number }[] = [];
  const since = Date.now();
  const broker = { end: 100n, isAway: false, grows: 0n };
  const stop = watchConsumer({
    consumer: consumer as never,
    endOffset: async () => {
      if (broker.isAway) throw new Error('away');
      return broker.end;
    },
    dead: (error, aliveUntil) => told.push({ reason: error.message, aliveForMs: aliveUntil - since }),
    sessionTimeoutMs,
    rebalanceTimeoutMs: 60_000,
    fetchMs: 30_000,
  });
  /** Seconds go by, each with these events. */
  const live = async (seconds: number, events: readonly (typeof ALL)[number][]) => {
    for (let second = 0; second < seconds; second++) {
      await vi.advanceTimersByTimeAsync(1000);
      broker.end += broker.grows;
      for (const event of events) consumer.tell(event);
    }
  };
  const join = () => consumer.join({ frames: [0, 1] });
  return { consumer, told, broker, stop, live, join };
}

test('one that heartbeats, fetches and brings records lives', async () => {
  const { told, live, join } = watch();
  join();
  await live(300, ALL);
  expect(told).toEqual([]);
});

test('no heartbeat for longer than the session timeout is death, told once, with the time it lived', async () => {
  const { told, live, join } = watch();
  join();
  await live(60, ALL);
  await live(30, ['FETCH']);
  expect(told).toEqual([]);
  await live(300, ['FETCH']);
  expect(told).toEqual([{ reason: expect.stringMatching(/^No heartbeat for 3\d s/), aliveForMs: 60_000 }]);
});

test('heartbeats without fetches are death', async () => {
  const { told, live, join } = watch();
  join();
  await live(40, ['HEARTBEAT']);
  expect(told.map(({ reason }) => reason)).toEqual([
    expect.stringMatching(/^No fetch for 3\d s, while the broker answers/),
  ]);
});

test('fetches that bring nothing while the topic grows are death; an idle topic is none', async () => {
  const { told, broker, live, join } = watch();
  join();
  await live(600, ['HEARTBEAT', 'FETCH']);
  expect(told).toEqual([]);
  broker.grows = 3n;
  await live(70, ['HEARTBEAT', 'FETCH']);
  expect(told.map(({ reason }) => reason)).toEqual([expect.stringMatching(/^No record for/)]);
});

test('a topic that grows slowly and is read does not look dead', async () => {
  const { consumer, told, broker, live, join } = watch();
  join();
  for (let round = 0; round < 10; round++) {
    await live(100, ['HEARTBEAT', 'FETCH']);
    broker.end += 1n;
    await live(10, ['HEARTBEAT', 'FETCH']); // seen in the topic before it is read
    consumer.tell('START_BATCH_PROCESS');
  }
  expect(told).toEqual([]);
});

test('paused, without partitions, or on its way into the group it need not bring records', async () => {
  const { consumer, told, broker, live, join } = watch();
  broker.grows = 3n;
  join();
  consumer.pausedPartitions = [{ topic: 'frames', partitions: [0, 1] }];
  await live(200, ['HEARTBEAT', 'FETCH']);
  consumer.pausedPartitions = [];
  consumer.join({});
  await live(200, ['HEARTBEAT', 'FETCH']);
  consumer.tell('REBALANCING');
  await live(85, []);
  expect(told).toEqual([]);
});

test('one that does not get into its group is dead', async () => {
  const { consumer, told, live, join } = watch();
  join();
  consumer.tell('REBALANCING');
  await live(100, []);
  expect(told.map(({ reason }) => reason)).toEqual([expect.stringMatching(/^Has not joined its group for 9\d s/)]);
});

test('while no broker answers nothing is said; when one does again, the silence counts', async () => {
  const { told, broker, live, join } = watch();
  join();
  broker.isAway = true;
  await live(300, []);
  expect(told).toEqual([]);
  broker.isAway = false;
  await live(6, []);
  expect(told).toHaveLength(1);
});

test('one that comes back while the broker is asked is spared', async () => {
  const { consumer, told, broker, live, join } = watch();
  join();
  broker.isAway = true;
  await live(60, []);
  broker.isAway = false;
  for (const event of ALL) consumer.tell(event);
  await live(100, ALL);
  expect(told).toEqual([]);
});

test('a process that was stopped for a minute does not blame its consumer', async () => {
  const { told, live, join } = watch();
  join();
  await live(10, ALL);
  vi.setSystemTime(Date.now() + 60_000);
  await live(20, []);
  expect(told).toEqual([]);
  await live(20, []);
  expect(told).toHaveLength(1);
});

test('nor one with a session of three seconds, however long it was stopped, and when between two checks', async () => {
  for (const lateMs of [0, 500, 1000, 1400, 1600, 2000, 3000, 5000, 10_000, 60_000])
    for (let sinceHeartbeatMs = 50; sinceHeartbeatMs <= 500; sinceHeartbeatMs += 50)
      for (const seconds of [7, 8, 9]) {
        const { consumer, told, live, join, stop } = watch(3000);
        join();
        await live(seconds, ALL);
        await vi.advanceTimersByTimeAsync(sinceHeartbeatMs);
        vi.setSystemTime(Date.now() + lateMs);
        await vi.advanceTimersToNextTimerAsync(); // the check comes before the first heartbeat after the stop
        for (const event of ALL) consumer.tell(event);
        await live(10, ALL);
        expect(told, `stopped ${sinceHeartbeatMs} ms after a heartbeat, for ${lateMs} ms and until the check`).toEqual(
          [],
        );
        stop();
      }
});

test('with a session of three seconds, checks that are late do not hide that heartbeats stopped', async () => {
  const { told, live, join } = watch(3000);
  join();
  await live(14, ALL);
  for (let check = 0; check < 4; check++) {
    vi.setSystemTime(Date.now() + 2000);
    await live(5, ['FETCH', 'START_BATCH_PROCESS']);
  }
  expect(told.map(({ reason }) => reason)).toEqual([expect.stringMatching(/^No heartbeat for/)]);
});

test('after stop nothing is told and no timer is left', async () => {
  const { told, live, join, stop } = watch();
  join();
  stop();
  stop();
  await live(300, []);
  expect(told).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a clock that was set back by an hour does not hide that heartbeats stopped: kafkajs sends none for as long', async () => {
  const { told, live, join } = watch();
  join();
  await live(60, ALL);
  vi.setSystemTime(Date.now() - 3_600_000);
  await live(70, ['FETCH', 'START_BATCH_PROCESS']);
  expect(told.map(({ reason }) => reason)).toEqual([expect.stringMatching(/^No heartbeat for 3\d s/)]);
});

test('a clock that was set back is no death of one that lives', async () => {
  const { told, live, join } = watch();
  join();
  await live(60, ALL);
  vi.setSystemTime(Date.now() - 3_600_000);
  await live(300, ALL);
  expect(told).toEqual([]);
});
