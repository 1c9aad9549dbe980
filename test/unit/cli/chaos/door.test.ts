// A door: bytes go through in order and whole, slowly where it is slow; a cut ends connections and refuses new ones for a while.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Door } from '../../../../src/cli/chaos/door.ts';

let echo: Server;
let door: Door;

beforeEach(async () => {
  echo = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  door = new Door((echo.address() as AddressInfo).port);
  await door.open();
});

afterEach(async () => {
  await door.close();
  echo.close();
});

/** What comes back of `sent`, read until it is all there. */
async function echoed(sent: Buffer): Promise<Buffer> {
  const socket = connect(door.port, '127.0.0.1');
  socket.end(sent);
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

it('lets bytes through whole and in order, more than a socket holds', async () => {
  const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => i % 251));
  expect((await echoed(sent)).equals(sent)).toBe(true);
});

it('a slow one too, even when it stops being slow meanwhile', async () => {
  const sent = Buffer.from(Array.from({ length: 400_000 }, (_, i) => i % 251));
  door.slow(2);
  const coming = echoed(sent);
  await once(echo, 'connection');
  door.slow(0);
  expect((await coming).equals(sent)).toBe(true);
});

it('a cut ends what is open and refuses what comes until it is over', async () => {
  const open = connect(door.port, '127.0.0.1');
  await once(echo, 'connection');
  const closed = once(open, 'close');
  const over = door.cut(50);
  await closed;
  const refused = connect(door.port, '127.0.0.1').on('error', () => {});
  await once(refused, 'close');
  await over;
  expect((await echoed(Buffer.from('again'))).toString()).toBe('again');
});
