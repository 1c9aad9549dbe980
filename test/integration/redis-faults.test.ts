// A worker (fake engine, real Redis) whose Redis is at fault, each in its way: it goes on at once, says so in its results, and
// recovers by itself when the fault is gone.
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { RedisBudgetStore } from '../../src/adapters/redis/budget-store.ts';
import { RedisDepthStore } from '../../src/adapters/redis/depth-store.ts';
import type { ResultValue } from '../../src/core/result.ts';
import { WallClock } from '../fakes/wall-clock.ts';
import { image, startHarness } from '../helpers/pipeline-harness.ts';
import { type OwnRedis, ownRedis } from '../helpers/servers/own-redis.ts';
import { until } from '../helpers/until.ts';

/** What a call may take (50 ms), and what a busy machine may add to it. */
const SOON_MS = 500;
const FRAMES = 20;

let server: OwnRedis;
let available: OwnRedis | null = null;
let operator: Redis;
let harness: Awaited<ReturnType<typeof startHarness>>;
let stores: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  available = await ownRedis();
});
afterAll(async () => {
  await available?.kill();
});
beforeEach(({ skip }) => {
  if (available === null) return skip('no server');
  server = available;
  operator = new Redis({ port: server.port, host: '127.0.0.1' });
  operator.on('error', () => {}); // a test kills the server
});
afterEach(async () => {
  operator?.disconnect();
  await harness?.pipeline.abort();
  for (const store of stores) await store.stop();
  stores = [];
});

interface WorkerOptions {
  readonly credentials?: { username: string; password: string };
  readonly costMs?: () => number;
}

async function startWorker({ credentials, costMs }: WorkerOptions = {}): Promise<void> {
  const redisConfig = credentials ?? {};
  const options = { url: `redis://127.0.0.1:${server.port}`, keyPrefix: randomUUID(), redisConfig };
  const [budgets, depths] = [new RedisBudgetStore(options), new RedisDepthStore(options)];
  stores = [budgets, depths];
  harness = await startHarness({ clock: new WallClock(), ports: { budgets, depths }, ...(costMs && { costMs }) });
  // The first call teaches Redis the scripts, and may take longer than a worker waits.
  await until(passesUndegraded);
}

const passesUndegraded = async () => (await passFrame(randomUUID(), 95)).final.degraded.length === 0;

/** A frame through the worker: its final record, and how long that took. */
async function passFrame(id: string, ...percent: number[]): Promise<{ final: ResultValue; tookMs: number }> {
  const from = performance.now();
  harness.send(image(0, ...percent), { ce_id: id });
  const final = () => harness.results(id).find((result) => result.final);
  await until(() => final() !== undefined);
  return { final: final() as ResultValue, tookMs: performance.now() - from };
}

interface Fault {
  readonly credentials?: { username: string; password: string };
  begin(): Promise<unknown>;
  end(): Promise<unknown>;
  /** What the event says. */
  readonly reason: RegExp;
}

const PASSWORD = 'the-right-one';
const FAULTS: Readonly<Record<string, Fault>> = {
  'is killed': { begin: () => server.kill(), end: () => server.start(), reason: /./ },
  'answers after seconds': {
    begin: () => operator.client('PAUSE', 2500),
    end: async () => {}, // it ends by itself
    reason: /no reply within 50 ms/,
  },
  'is a read-only replica': {
    begin: () => operator.replicaof('127.0.0.1', 1),
    end: () => operator.replicaof('NO', 'ONE'),
    reason: /READONLY/,
  },
  'is out of memory': {
    begin: () => operator.config('SET', 'maxmemory', '1'),
    end: () => operator.config('SET', 'maxmemory', '0'),
    reason: /OOM/,
  },
  'wants another password': {
    credentials: { username: 'worker', password: PASSWORD },
    begin: async () => {
      await operator.call('ACL', 'SETUSER', 'worker', 'resetpass', '>another');
      await operator.call('CLIENT', 'KILL', 'USER', 'worker');
    },
    end: () => operator.call('ACL', 'SETUSER', 'worker', 'resetpass', `>${PASSWORD}`),
    reason: /./,
  },
  'suddenly wants a password at all': {
    begin: async () => {
      await operator.config('SET', 'requirepass', 'sudden');
      await operator.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    },
    end: () => operator.config('SET', 'requirepass', ''),
    reason: /./,
  },
  'takes the rights of the worker away': {
    credentials: { username: 'worker', password: PASSWORD },
    begin: () => operator.call('ACL', 'SETUSER', 'worker', '-@scripting'),
    end: () => operator.call('ACL', 'SETUSER', 'worker', '+@all'),
    reason: /NOPERM|permission/,
  },
};

test.each(Object.entries(FAULTS))('a Redis that %s', async (_, { credentials, begin, end, reason }) => {
  await operator.call('ACL', 'SETUSER', 'worker', 'reset', 'on', `>${PASSWORD}`, '~*', '&*', '+@all');
  await startWorker({ ...(credentials && { credentials }) });
  const warmed = harness.seen.length;
  await begin();
  const passed = [];
  for (let n = 0; n < FRAMES; n++) passed.push(await passFrame(`during-${n}`, 95));
  expect(Math.max(...passed.map(({ tookMs }) => tookMs))).toBeLessThan(SOON_MS);
  expect(passed.filter(({ final }) => !final.degraded.includes('budget-store'))).toEqual([]);
  const told = harness.seen.slice(warmed).find((event) => event.type === 'degraded' && event.what === 'budget-store');
  expect(told).toMatchObject({ reason: expect.stringMatching(reason) });
  await end();
  await until(passesUndegraded);
  expect(harness.seen).toContainEqual({ type: 'recovered', what: 'budget-store' });
  expect(harness.seen.filter(({ type }) => type === 'failed')).toEqual([]);
});

test('a Redis that is flushed between two answers of a frame: what the worker itself knows of it goes on, marked', async () => {
  await startWorker({ costMs: () => 40 });
  const passing = passFrame('a', 30, 40, 50, 60);
  await until(() => harness.results('a').length === 2);
  await operator.flushall();
  const { final } = await passing;
  expect(final).toMatchObject({ exit: 'full-depth', degraded: ['budget-history'], spent: expect.closeTo(1) });
  expect(harness.results('a').slice(0, 2)).toMatchObject([{ degraded: [] }, { degraded: [] }]);
  expect(await passFrame('b', 95)).toMatchObject({ final: { degraded: [] } });
  const stages = harness.results('a').map(({ stage }) => stage);
  expect(stages).toEqual([...stages].sort((a, b) => a - b));
  expect(harness.seen.filter(({ type }) => type === 'failed')).toEqual([]);
});

test('a Redis that became a replica is connected to anew: its address may lead to the new primary', async () => {
  await startWorker();
  const connections = async () => Number(/total_connections_received:(\d+)/.exec(await operator.info('stats'))?.[1]);
  const before = await connections();
  await operator.replicaof('127.0.0.1', 1);
  try {
    await until(async () => {
      await passFrame(randomUUID(), 95);
      return (await connections()) > before;
    });
  } finally {
    await operator.replicaof('NO', 'ONE');
  }
});
