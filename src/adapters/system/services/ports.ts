// TCP ports of this machine: a free one, and whether a wanted one is free.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { AnytimeError } from '../../../errors.ts';

/** `wanted` when it is free, any free port when `wanted` is 0. Errors: bad-argument when it is taken. */
export async function freePort(wanted: number, what: string): Promise<number> {
  const probe = createServer();
  probe.listen(wanted, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch (cause) {
    const message = `Expected port ${wanted} to be free for ${what}, but it is taken`;
    throw new AnytimeError('bad-argument', message, { cause });
  }
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
