// The scripts against a Redis that has lost them, what the keys look like, and what an operator may have written.
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RedisBudgetStore } from '../../src/adapters/redis/budget-store.ts';
import { RedisDepthStore } from '../../src/adapters/redis/depth-store.ts';
import { realServers } from '../helpers/servers/servers.ts';

let redis: Redis;
let budgets: RedisBudgetStore;
let depth: RedisDepthStore;
let keyPrefix: string;
let redisUrl: string;

beforeEach(async ({ skip }) => {
  const servers = await realServers();
  if (servers === null) return skip('no server');
  redisUrl = servers.redisUrl;
  redis = new Redis(redisUrl);
  keyPrefix = `test-${randomUUID()}`;
  const options = { url: redisUrl, keyPrefix, timeoutMs: 2000 };
  budgets = new RedisBudgetStore(options);
  depth = new RedisDepthStore(options);
  await Promise.all([budgets.start(), depth.start()]);
});
afterEach(async () => {
  redis?.disconnect();
  await Promise.all([budgets?.stop(), depth?.stop()]);
});

test('a Redis that has forgotten the scripts (a restart, a failover) gets them again', async () => {
  await budgets.begin(['a'], 60_000);
  await redis.script('FLUSH');
  expect((await budgets.begin(['a'], 60_000))[0]).toMatchObject({ attempts: 2 });
});

test('a Redis that was emptied remembers from then on, for every worker, and says so with the next reply', async () => {
  const other = new RedisBudgetStore({ url: redisUrl, keyPrefix, timeoutMs: 2000 });
  await other.start();
  const before = Date.now();
  await budgets.begin(['a'], 60_000);
  expect(budgets.remembersSince()).toBeLessThanOrEqual(before);
  await redis.del(await redis.keys(`${keyPrefix}*`));
  await budgets.record([{ frameId: 'a', stage: 1, cost: 0.25, epoch: 9, exit: null, answer: 'x' }]);
  expect(budgets.remembersSince()).toBeGreaterThanOrEqual(before);
  expect(other.remembersSince()).toBeLessThanOrEqual(before);
  await other.begin(['a'], 60_000);
  expect(other.remembersSince()).toBe(budgets.remembersSince());
  await other.stop();
});

test.each(['soon', '', String(Date.now() + 3_600_000)])(
  '"%s" is no time since when it remembers: it begins anew',
  async (text) => {
    await redis.hset(`${keyPrefix}:{remembers}`, 'since', text);
    const before = Date.now();
    await budgets.begin(['a'], 60_000);
    expect(budgets.remembersSince()).toBeGreaterThanOrEqual(before);
    expect(budgets.remembersSince()).toBeLessThanOrEqual(Date.now());
  },
);

test('every frame is one hash under its own hash tag, with a time to live', async () => {
  await budgets.begin(['cam-1/17'], 60_000);
  await budgets.record([{ frameId: 'new', stage: 1, cost: 0.25, epoch: 9, exit: 'load', answer: 'x' }]);
  expect((await redis.keys(`${keyPrefix}*`)).sort()).toEqual(
    [`${keyPrefix}:frame:{cam-1/17}`, `${keyPrefix}:frame:{new}`, `${keyPrefix}:{remembers}`].sort(),
  );
  expect(await redis.pttl(`${keyPrefix}:{remembers}`)).toBeGreaterThan(86_400_000);
  const ttl = await redis.pttl(`${keyPrefix}:frame:{cam-1/17}`);
  expect(ttl).toBeGreaterThan(30_000);
  expect(ttl).toBeLessThanOrEqual(60_000);
  expect(await redis.pttl(`${keyPrefix}:frame:{new}`)).toBeGreaterThan(0);
  expect(await redis.hgetall(`${keyPrefix}:frame:{new}`)).toMatchObject({ stage: '1', epoch: '9', final: '1' });
});

test('load samples leave no key behind once all workers are gone', async () => {
  const sample = { workerId: 'a', at: 1, arrivalsPerSecond: 2, queueDelayMs: 3, utilisation: 0.5, refinementDebt: 4 };
  await depth.report(sample, 60_000);
  for (const key of await redis.keys(`${keyPrefix}*`)) expect(await redis.pttl(key)).toBeGreaterThan(0);
});

test.each(['deep', '-1', '0', '2.5', ''])('a limit of "%s" written by hand is no limit', async (text) => {
  await redis.set(`${keyPrefix}:{depth}:limit`, text);
  expect(await depth.depthLimit()).toBeNull();
});

test('a sample that another version wrote is left out', async () => {
  const sample = { workerId: 'a', at: 1, arrivalsPerSecond: 2, queueDelayMs: 3, utilisation: 0.5, refinementDebt: 4 };
  await depth.report(sample, 60_000);
  await redis.hset(`${keyPrefix}:{depth}:samples`, 'old', '{"load":3}', 'broken', '{');
  expect(await depth.samples()).toEqual([sample]);
});
