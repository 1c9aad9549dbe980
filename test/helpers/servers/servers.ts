// For tests: the addresses of the run's real servers, started at the first question.
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import type { ServerAddresses } from './start.ts';

/**
 * Null when no servers can be had: then the tests that need them are skipped, loudly. With CI set (to anything but false) this
 * throws instead, so that a skip can't pass for a success.
 */
export async function realServers(): Promise<ServerAddresses | null> {
  const answer = JSON.parse(await text(connect(inject('serversPort'), '127.0.0.1'))) as
    | { servers: ServerAddresses }
    | { reason: string };
  if ('servers' in answer) return answer.servers;
  const message = `No Kafka and Redis for the tests that need them: ${answer.reason}`;
  const { CI = 'false' } = process.env;
  if (CI !== 'false' && CI !== '') throw new Error(message);
  console.error(`\n!!! SKIPPED: ${message}\n`);
  return null;
}
