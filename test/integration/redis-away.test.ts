// Redis goes away and comes back: calls fail at once, as retriable, and the stores recover by themselves.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RedisBudgetStore } from '../../src/adapters/redis/budget-store.ts';
import { RedisDepthStore } from '../../src/adapters/redis/depth-store.ts';
import { realServers } from '../helpers/servers/servers.ts';
import { TcpProxy } from '../helpers/tcp-proxy.ts';
import { until } from '../helpers/until.ts';

const HOUR = 3_600_000;
const away = { code: 'store-unavailable', retriable: true };
/** The limit of one call (50 ms) and what a busy machine may add to it. */
const SOON_MS = 500;

let proxy: TcpProxy;
let store: RedisBudgetStore;
let keyPrefix: string;
let redisUrl: string;

beforeEach(async ({ skip }) => {
  const servers = await realServers();
  if (servers === null) return skip('no server');
  redisUrl = servers.redisUrl;
  const { hostname, port } = new URL(servers.redisUrl);
  proxy = new TcpProxy(hostname, Number(port));
  await proxy.open();
  keyPrefix = `test-${randomUUID()}`;
  store = new RedisBudgetStore({ url: `redis://127.0.0.1:${proxy.port}`, keyPrefix });
});
afterEach(async () => {
  await store?.stop();
  await proxy?.shut();
});

const works = async () => {
  try {
    return (await store.begin(['a'], HOUR)).length === 1;
  } catch {
    return false;
  }
};
async function took(call: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await call();
  return performance.now() - from;
}

test('a connection that is cut: calls fail at once, and work again when Redis is back', async () => {
  await store.start();
  await store.record([{ frameId: 'a', stage: 2, cost: 0.5, epoch: 1, exit: null, answer: 'kept' }]);
  await proxy.shut();
  await expect(store.begin(['a'], HOUR)).rejects.toMatchObject(away);
  expect(await took(() => expect(store.begin(['a'], HOUR)).rejects.toMatchObject(away))).toBeLessThan(SOON_MS);
  await proxy.open();
  await until(works);
  expect((await store.begin(['a'], HOUR))[0]).toMatchObject({ stage: 2, spent: 0.5, answer: 'kept' });
});

test('a Redis that hangs: a call fails when its time is over, and works again after the hang', async () => {
  await store.start();
  expect(await works()).toBe(true);
  proxy.freeze();
  expect(await took(() => expect(store.begin(['a'], HOUR)).rejects.toMatchObject(away))).toBeLessThan(SOON_MS);
  await proxy.shut();
  await proxy.open();
  await until(works);
});

test('start with Redis away succeeds soon; calls fail until it is there', async () => {
  await proxy.shut();
  expect(await took(() => store.start())).toBeLessThan(2000);
  await expect(store.begin(['a'], HOUR)).rejects.toMatchObject(away);
  await proxy.open();
  await until(works);
});

test('the depth store fails and recovers alike', async () => {
  const depth = new RedisDepthStore({ url: `redis://127.0.0.1:${proxy.port}`, keyPrefix });
  try {
    await depth.start();
    await depth.setDepthLimit(3);
    await proxy.shut();
    await expect(depth.depthLimit()).rejects.toMatchObject(away);
    await expect(depth.samples()).rejects.toMatchObject(away);
    await proxy.open();
    await until(async () => (await depth.depthLimit().catch(() => null)) === 3);
  } finally {
    await depth.stop();
  }
});

test('a busy event loop is not taken for a silent Redis: the reply that lies in the socket counts', async () => {
  // Without the proxy, which would be as busy: it lives in this process.
  const direct = new RedisBudgetStore({ url: redisUrl, keyPrefix });
  try {
    await direct.start();
    await direct.begin(['a'], HOUR);
    const call = direct.begin(['a'], HOUR);
    const busyUntil = performance.now() + 150;
    await new Promise((resolve) => setImmediate(resolve)); // the request is on its way
    while (performance.now() < busyUntil); // three times the call's time
    await expect(call).resolves.toHaveLength(1);
  } finally {
    await direct.stop();
  }
});

test('after stop a call is an error of its own kind', async () => {
  await store.start();
  await store.stop();
  await expect(store.begin(['a'], HOUR)).rejects.toMatchObject({ code: 'stopped' });
});
