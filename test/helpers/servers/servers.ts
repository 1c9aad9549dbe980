// For tests: the addresses of the run's real servers, started at the first question.
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import type { SecureServerAddresses } from './secure-settings.ts';
import { skipLoudly } from './skip-loudly.ts';
import type { ServerAddresses } from './start.ts';

/**
 * Null when no servers can be had: then the tests that need them are skipped, loudly. With CI set (to anything but false) this
 * throws instead, so that a skip can't pass for a success.
 */
export async function realServers(): Promise<ServerAddresses | null> {
  return await ask<ServerAddresses>(inject('serversPort'), 'Kafka and Redis');
}

/** The same for a Kafka and a Redis that want TLS, a user and a password, and give only the rights of SECURITY.md. */
export async function secureServers(): Promise<SecureServerAddresses | null> {
  return await ask<SecureServerAddresses>(inject('secureServersPort'), 'secure Kafka and Redis');
}

async function ask<Addresses>(port: number, what: string): Promise<Addresses | null> {
  const answer = JSON.parse(await text(connect(port, '127.0.0.1'))) as { servers: Addresses } | { reason: string };
  if ('servers' in answer) return answer.servers;
  return skipLoudly(`No ${what} for the tests that need them: ${answer.reason}`);
}
