// A Redis that takes connections and is not ready: the worker starts without it.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { RedisConnection } from '../../../../src/adapters/redis/connection.ts';

/** Says of itself that it still loads its data from disk. */
async function loadingRedis() {
  const info = 'loading:1\r\nloading_eta_seconds:600\r\n';
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      for (const [, name] of chunk.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g))
        socket.write(
          name?.toLowerCase() === 'info'
            ? `$${info.length}\r\n${info}\r\n`
            : '-LOADING Redis is loading the dataset\r\n',
        );
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

test('one that is loading its data holds no start up, and calls fail at once', async () => {
  const { url, server } = await loadingRedis();
  const connection = new RedisConnection({ url }, []);
  const beganAt = performance.now();
  await connection.start();
  expect(performance.now() - beganAt).toBeLessThan(6000);
  const call = connection.pipeline((pipeline) => pipeline.get('key'));
  await expect(call).rejects.toMatchObject({ code: 'store-unavailable', retriable: true });
  await connection.stop();
  server.close();
});
