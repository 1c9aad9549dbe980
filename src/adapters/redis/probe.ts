// What Redis says of itself, for `anytime doctor`, and whether it is up at all.
import { Redis } from 'ioredis';
import { AnytimeError, messageOf } from '../../errors.ts';

export interface RedisReport {
  readonly version: string;
  readonly roundTripMs: number;
}

/** Errors: store-unavailable, within about a second. */
export async function probeRedis(url: string): Promise<RedisReport> {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    connectTimeout: 1000,
    commandTimeout: 1000,
    retryStrategy: () => null,
  });
  redis.on('error', () => {}); // told by the calls below
  try {
    await redis.connect();
    const info = await redis.info('server');
    const askedAt = performance.now();
    await redis.ping();
    const roundTripMs = performance.now() - askedAt;
    return { version: /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown', roundTripMs };
  } catch (cause) {
    // The address may hold a password: it is not repeated.
    throw new AnytimeError('store-unavailable', `Expected Redis to answer, got: ${messageOf(cause)}`, {
      retriable: true,
      cause,
    });
  } finally {
    redis.disconnect();
  }
}
