// What Redis says of itself, for `anytime doctor`, and whether it is up at all.
import { Redis, type RedisOptions } from 'ioredis';
import { storeError } from './store-error.ts';

export interface RedisReport {
  readonly version: string;
  readonly roundTripMs: number;
}

/** `redisConfig`: user, password, tls. Errors: store-unavailable, within some seconds: whoever asks may load an engine meanwhile. */
export async function probeRedis(url: string, redisConfig: RedisOptions = {}): Promise<RedisReport> {
  const redis = new Redis(url, {
    ...redisConfig,
    lazyConnect: true,
    enableOfflineQueue: false,
    enableReadyCheck: false, // it would wait for as long as Redis loads its data; PING below tells that
    connectTimeout: 5000,
    commandTimeout: 5000,
    retryStrategy: () => null,
  });
  let failure: Error | undefined;
  redis.on('error', (error) => {
    failure ??= error; // the call below tells only that the connection is closed
  });
  try {
    await redis.connect();
    const info = await redis.info('server');
    const askedAt = performance.now();
    await redis.ping();
    const roundTripMs = performance.now() - askedAt;
    return { version: /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown', roundTripMs };
  } catch (cause) {
    // The address may hold a password: it is not repeated.
    throw storeError(failure ?? cause);
  } finally {
    redis.disconnect();
  }
}
