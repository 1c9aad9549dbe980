// Runs once per `vitest run`: offers real servers to the test processes and starts them when the first one asks.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { TestProject } from 'vitest/node';
import type { TestServers } from './servers/start.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Port on 127.0.0.1: who connects gets one line of JSON when the servers are up, { servers } or { reason } why there are none. */
    serversPort: number;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<TestServers> | null = null;
  const door = createServer((socket) => {
    socket.on('error', () => {}); // a test process that ended while it waited
    starting ??= import('./servers/start.ts').then(({ startTestServers }) => startTestServers());
    starting.then(
      ({ addresses }) => socket.end(`${JSON.stringify({ servers: addresses })}\n`),
      (error: Error) => socket.end(`${JSON.stringify({ reason: error.message })}\n`),
    );
  });
  door.unref();
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  project.provide('serversPort', (door.address() as AddressInfo).port);

  return async () => {
    door.close();
    const servers = await starting?.catch(() => null);
    await servers?.stop();
  };
}
