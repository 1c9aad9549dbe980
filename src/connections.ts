// How to reach Kafka and Redis, from the settings: addresses, TLS, who we are. Every program connects through these two functions.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { KafkaOptions } from './adapters/kafka/client.ts';
import type { RedisStoreOptions } from './adapters/redis/connection.ts';
import type { Config } from './config.ts';
import { AnytimeError, messageOf } from './errors.ts';
import { usesKafkaTls } from './secret-settings.ts';

type Sasl = NonNullable<NonNullable<KafkaOptions['clientConfig']>['sasl']>;

/** Errors: bad-argument for a certificate file that cannot be read. */
export function kafkaConnection(config: Config): KafkaOptions {
  const { kafkaSasl: mechanism, kafkaUser, kafkaPassword } = config;
  const sasl =
    mechanism === null || kafkaUser === null || kafkaPassword === null
      ? {}
      : { sasl: { mechanism, username: kafkaUser, password: kafkaPassword.reveal() } as Sasl };
  const ssl = usesKafkaTls(config) ? { ssl: tlsOptions(config, 'kafka') } : {};
  return { brokers: config.kafkaBrokers, clientId: config.kafkaClientId, clientConfig: { ...ssl, ...sasl } };
}

/** Errors: bad-argument for a certificate file that cannot be read. */
export function redisConnection(config: Config): RedisStoreOptions {
  const { redisUrl, redisUser, redisPassword } = config;
  const { hostname, protocol } = new URL(redisUrl);
  const named = isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? { servername: hostname } : {};
  return {
    url: redisUrl,
    // Another group works on the same frames for itself: what one has said and spent is nothing to the other.
    keyPrefix: `${config.redisPrefix}:${config.group}`,
    redisConfig: {
      ...(redisUser !== null && { username: redisUser }),
      ...(redisPassword !== null && { password: redisPassword.reveal() }),
      ...(protocol === 'rediss:' && { tls: { ...named, ...tlsOptions(config, 'redis') } }),
    },
  };
}

function tlsOptions(config: Config, server: 'kafka' | 'redis'): ConnectionOptions {
  const read = (part: 'CaFile' | 'CertFile' | 'KeyFile') => {
    const path = config[`${server}${part}`];
    if (path === null) return undefined;
    try {
      return readFileSync(path);
    } catch (cause) {
      const message = `Expected \`${server}${part}\` to name a readable PEM file: ${messageOf(cause)}`;
      throw new AnytimeError('bad-argument', message, { cause });
    }
  };
  const [ca, cert, key] = [read('CaFile'), read('CertFile'), read('KeyFile')];
  // Said, because NODE_TLS_REJECT_UNAUTHORIZED in the environment would switch it off else.
  return { rejectUnauthorized: true, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}
