// A socket that is given up sends nothing more; as Node closes it by itself it still would.
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { SocketSet } from '../../../../src/adapters/kafka/socket-set.ts';
import { makeCertificates } from '../../../helpers/servers/certificates.ts';

let folder: string;
let ssl: ConnectionOptions;
let keys: { readonly key: Buffer; readonly cert: Buffer };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'socket-set-'));
  const files = await makeCertificates(folder, []);
  keys = { key: await readFile(files.serverKey), cert: await readFile(files.serverCert) };
  ssl = { ca: await readFile(files.ca, 'utf8') };
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Far more than the receiving kernel holds for a peer that does not read. */
const SENT = 64 * 1024 * 1024;
const WITHOUT_A_CHANGE_MS = 100;

describe.each(['plain', 'TLS'] as const)('%s', (kind) => {
  /** A broker that is held up until the socket is given up by `giveUp`, then reads again; how many bytes reached it. */
  async function reachedAfter(giveUp: (sockets: SocketSet, socket: Socket) => void): Promise<number> {
    const { server, accepted, port } = await heldUp(kind);
    onTestFinished(() => void server.close());
    const sockets = new SocketSet();
    const socket = await connected(sockets, port);
    const peer = await accepted;
    for (let bytes = 0; bytes < SENT; bytes += 65_536) socket.write(Buffer.alloc(65_536, 1));
    await until(WITHOUT_A_CHANGE_MS, () => socket.writableLength);
    let reached = 0;
    const isClosed = untilClosed(peer);
    const isGivenUp = untilClosed(socket);
    giveUp(sockets, socket);
    await isGivenUp;
    peer.on('data', (bytes) => {
      reached += bytes.length;
    });
    peer.resume();
    await isClosed;
    return reached;
  }

  test('what the sending kernel holds is thrown away; a socket that is only destroyed delivers it', async () => {
    const destroyed = await reachedAfter((_, socket) => socket.destroy());
    const reset = await reachedAfter((sockets) => sockets.reset());
    expect(reset).toBeLessThan(destroyed / 2);
  });

  test('whoever waits for an answer is told', async () => {
    const { server, accepted, port } = await heldUp(kind);
    onTestFinished(() => void server.close());
    const sockets = new SocketSet();
    const socket = await connected(sockets, port);
    await accepted;
    const told = once(socket, 'error');
    sockets.reset();
    expect(String(await told)).toContain('given up');
  });

  test('one that is made afterwards is given up too', async () => {
    const { server, port } = await heldUp(kind);
    onTestFinished(() => void server.close());
    const sockets = new SocketSet();
    sockets.reset();
    const socket = make(sockets, port, () => {});
    await untilClosed(socket);
  });

  test.each([
    ['with much to send', SENT],
    ['with nothing to send', 0],
  ])('one that is ending already is closed nevertheless, %s', async (_, size) => {
    const { server, accepted, port } = await heldUp(kind);
    onTestFinished(() => void server.close());
    const sockets = new SocketSet();
    const socket = await connected(sockets, port);
    await accepted;
    for (let bytes = 0; bytes < size; bytes += 65_536) socket.write(Buffer.alloc(65_536, 1));
    const isClosed = untilClosed(socket);
    socket.end();
    await Promise.resolve();
    sockets.reset();
    await isClosed;
  });

  function make(sockets: SocketSet, port: number, onConnect: () => void): Socket {
    const args = { host: '127.0.0.1', port, onConnect, ...(kind === 'TLS' && { ssl }) };
    return sockets.factory()(args as Parameters<ReturnType<SocketSet['factory']>>[0]);
  }

  function connected(sockets: SocketSet, port: number): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = make(sockets, port, () => {
        socket.off('error', reject);
        resolve(socket);
      });
      socket.once('error', reject);
    });
  }
});

test('one whose address is not found yet, ended or not, is closed', async () => {
  for (const ends of [false, true]) {
    const sockets = new SocketSet();
    const make = sockets.factory(() => connect({ host: 'nowhere', port: 1, lookup: () => {} }));
    const socket = make({ host: 'nowhere', port: 1, onConnect: () => {} } as never);
    const isClosed = untilClosed(socket);
    if (ends) socket.end();
    sockets.reset();
    await isClosed;
  }
});

async function heldUp(kind: 'plain' | 'TLS') {
  let accept: (peer: Socket) => void = () => {};
  const accepted = new Promise<Socket>((resolve) => {
    accept = resolve;
  });
  const server: Server =
    kind === 'TLS' ? createTlsServer(keys, accept) : createServer({ pauseOnConnect: true }, accept);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, accepted, port: (server.address() as AddressInfo).port };
}

/** Its handle is closed from now on, with an error or without; `socket.closed` is true before. */
function untilClosed(socket: Socket): Promise<void> {
  socket.on('error', () => {});
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Resolves when `value` is what it was for so long. */
async function until(unchangedMs: number, value: () => number): Promise<void> {
  for (let last = Number.NaN; last !== value(); ) {
    last = value();
    await new Promise((resolve) => setTimeout(resolve, unchangedMs));
  }
}
