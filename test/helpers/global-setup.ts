// Runs once per `vitest run`: offers real servers to the test processes and starts them when the first one asks.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Port on 127.0.0.1: who connects gets one line of JSON when the servers are up, { servers } or { reason } why there are none. */
    serversPort: number;
    /** The same for the servers that want TLS, a user and a password. */
    secureServersPort: number;
  }
}

interface Started {
  readonly addresses: unknown;
  stop(): Promise<void>;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const plain = await openDoor(async () => (await import('./servers/start.ts')).startTestServers());
  const secure = await openDoor(async () => (await import('./servers/start-secure.ts')).startSecureServers());
  project.provide('serversPort', plain.port);
  project.provide('secureServersPort', secure.port);
  return async () => {
    await Promise.all([plain.close(), secure.close()]);
  };
}

/** Starts the servers at the first knock, and tells everybody who knocks where they are. */
async function openDoor(start: () => Promise<Started>): Promise<{ port: number; close(): Promise<void> }> {
  let starting: Promise<Started> | null = null;
  const door = createServer((socket) => {
    socket.on('error', () => {}); // a test process that ended while it waited
    starting ??= start();
    starting.then(
      ({ addresses }) => socket.end(`${JSON.stringify({ servers: addresses })}\n`),
      (error: Error) => socket.end(`${JSON.stringify({ reason: error.message })}\n`),
    );
  });
  door.unref();
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  return {
    port: (door.address() as AddressInfo).port,
    async close() {
      door.close();
      const servers = await starting?.catch(() => null);
      await servers?.stop();
    },
  };
}
