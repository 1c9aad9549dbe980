// A Redis that takes connections and is not ready, or falls silent: the worker goes on without it. One that answered is heard, even by
// a process that was stopped meanwhile.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { RedisConnection } from '../../../../src/adapters/redis/connection.ts';
import { until } from '../../../helpers/until.ts';

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

/** Answers everything but GET with OK, and GETs as told. */
async function redisThat(get: (socket: Socket) => void) {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      for (const [, name] of chunk.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) {
        if (name?.toLowerCase() === 'get') get(socket);
        else socket.write(name?.toLowerCase() === 'info' ? '$9\r\nloading:0\r\n' : '+OK\r\n');
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `redis://127.0.0.1:${port}`, server, connections: () => connections };
}

test('a connection that owes a reply for too long is given up, and another one made', { timeout: 20_000 }, async () => {
  const { url, server, connections } = await redisThat(() => {});
  const connection = new RedisConnection({ url }, []);
  await connection.start();
  await expect(connection.pipeline((pipeline) => pipeline.get('key'))).rejects.toMatchObject({ retriable: true });
  await until(() => connections() === 2, 15_000);
  await connection.stop();
  server.close();
});

test('what a lost connection owed is not the next one’s fault', { timeout: 20_000 }, async () => {
  let owing: Socket | null = null;
  const { url, server, connections } = await redisThat((socket) => {
    owing ??= socket;
    if (socket !== owing) socket.write('$1\r\n1\r\n');
  });
  const connection = new RedisConnection({ url }, []);
  await connection.start();
  const ask = () => connection.pipeline((pipeline) => pipeline.get('a').get('b'));
  const owed = ask();
  await until(() => owing !== null);
  await pause(20);
  (owing as Socket | null)?.destroy();
  await expect(owed).rejects.toMatchObject({ retriable: true });
  await until(() => connections() === 2);
  await pause(3000); // longer than a silence may last
  expect(connections()).toBe(2);
  expect(await ask()).toEqual(['1', '1']);
  await connection.stop();
  server.close();
});

test('a reply that came while this process was stopped is a reply', { timeout: 60_000 }, async () => {
  let stopped = 0;
  const { url, server } = await redisThat((socket) => {
    child.kill('SIGSTOP');
    setTimeout(() => socket.write('$1\r\n1\r\n'), 100);
    setTimeout(() => child.kill('SIGCONT'), 3000); // longer than a silence may last
    stopped += 1;
  });
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/helpers/asks-redis.ts', url]);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await once(child, 'close');
  server.close();
  expect(stopped).toBe(1);
  expect(said.trim()).toBe('["1"]');
});
