// Redis is asked what it says of itself: one that loads its data says so at once instead of keeping who asks waiting.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { probeRedis } from '../../../../src/adapters/redis/probe.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** Speaks as much RESP as a probe needs; `toPing` is its reply to PING. */
async function redisThat(toPing: string, info: string): Promise<string> {
  const made = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      for (const command of chunk
        .toString('latin1')
        .split(/\*\d+\r\n/)
        .slice(1)) {
        const name = command.split('\r\n')[1]?.toLowerCase();
        if (name === 'info') socket.write(`$${info.length}\r\n${info}\r\n`);
        else socket.write(name === 'ping' ? `${toPing}\r\n` : '+OK\r\n');
      }
    });
  }).listen(0, '127.0.0.1');
  server = made;
  await once(made, 'listening');
  return `redis://127.0.0.1:${(made.address() as AddressInfo).port}`;
}

it('tells version and round trip', async () => {
  const url = await redisThat('+PONG', 'redis_version:7.4.1\r\nloading:0\r\n');
  expect(await probeRedis(url)).toEqual({ version: '7.4.1', roundTripMs: expect.any(Number) });
});

it('one that loads its data: store-unavailable, at once', async () => {
  const loading = '-LOADING Redis is loading the dataset in memory';
  const url = await redisThat(loading, 'redis_version:7.4.1\r\nloading:1\r\nloading_eta_seconds:600\r\n');
  const askedAt = performance.now();
  await expect(probeRedis(url)).rejects.toMatchObject({
    code: 'store-unavailable',
    message: expect.stringContaining('loading the dataset'),
  });
  expect(performance.now() - askedAt).toBeLessThan(5000); // it would wait 10 s and ask again, and again
});
