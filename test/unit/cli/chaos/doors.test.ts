// The doors in their process.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { startDoors } from '../../../../src/cli/chaos/doors.ts';

it('open in a process of their own, carry orders out, and are gone when stopped', async () => {
  const server = createServer((socket) => socket.end('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const doors = startDoors();
  const door = await doors.open('one', (server.address() as AddressInfo).port);
  const said = async () => {
    const parts: Buffer[] = [];
    for await (const part of connect(door.port, '127.0.0.1')) parts.push(part as Buffer);
    return Buffer.concat(parts).toString();
  };
  expect(await said()).toBe('hello');
  const over = door.cut(200);
  await over;
  await door.slow(1);
  expect(await said()).toBe('hello');
  await doors.stop();
  await expect(said()).rejects.toThrow('ECONNREFUSED');
  server.close();
});
