// One order to a Redis in its inline form (FLUSHALL, CLIENT PAUSE …), for the fault program: it needs no client for that.
import { once } from 'node:events';
import { connect } from 'node:net';
import { AnytimeError } from '../../errors.ts';

/** Resolves with the first line of the reply. Errors: store-unavailable where the connection fails. */
export async function orderRedis(port: number, order: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write(`${order}\r\n`);
    const [reply] = (await once(socket, 'data')) as [Buffer];
    return String(reply).trim();
  } catch (cause) {
    throw new AnytimeError('store-unavailable', `Expected Redis to take ${order}`, { retriable: true, cause });
  } finally {
    socket.destroy();
  }
}
