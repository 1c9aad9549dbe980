// One order to a Redis.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { orderRedis } from '../../../../src/cli/chaos/redis-order.ts';

it('goes out as a line, and the reply comes back', async () => {
  const server = createServer((socket) => socket.once('data', (order) => socket.write(`+${String(order).trim()}\r\n`)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  expect(await orderRedis((server.address() as AddressInfo).port, 'CLIENT PAUSE 10 ALL')).toBe('+CLIENT PAUSE 10 ALL');
  server.close();
});

it('says so when there is no Redis', async () => {
  await expect(orderRedis(1, 'FLUSHALL')).rejects.toMatchObject({ code: 'store-unavailable' });
});
