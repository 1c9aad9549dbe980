// What the settings make of a connection to Kafka and to Redis.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { kafkaConnection, redisConnection } from '../../src/connections.ts';

const folder = mkdtempSync(join(tmpdir(), 'connections-'));
afterAll(() => rmSync(folder, { recursive: true }));
const pem = (name: string) => {
  writeFileSync(join(folder, name), name);
  return join(folder, name);
};
const load = (flags: Record<string, unknown>, environment = {}) => loadConfig({ flags, environment });

test('nothing said: plain connections without credentials', () => {
  const config = load({});
  expect(kafkaConnection(config)).toEqual({ brokers: ['localhost:9092'], clientId: 'anytime', clientConfig: {} });
  const plain = { url: 'redis://localhost:6379', redisConfig: {} };
  expect(redisConnection(config)).toEqual({ ...plain, keyPrefix: 'anytime:anytime-workers' });
  expect(redisConnection(load({ group: 'night' })).keyPrefix).toBe('anytime:night');
});

test('TLS, by its switch or by a file; SASL with its password', () => {
  expect(kafkaConnection(load({ kafkaTls: 'true' })).clientConfig).toEqual({ ssl: { rejectUnauthorized: true } });
  const secured = load(
    {
      kafkaCaFile: pem('ca'),
      kafkaCertFile: pem('cert'),
      kafkaKeyFile: pem('key'),
      kafkaSasl: 'plain',
      kafkaUser: 'u',
    },
    { ANYTIME_KAFKA_PASSWORD: 'p' },
  );
  expect(kafkaConnection(secured).clientConfig).toEqual({
    ssl: { rejectUnauthorized: true, ca: Buffer.from('ca'), cert: Buffer.from('cert'), key: Buffer.from('key') },
    sasl: { mechanism: 'plain', username: 'u', password: 'p' },
  });
});

test('Redis: user, password, and TLS where the address says rediss://', () => {
  const named = load({ redisUrl: 'rediss://u:p@redis.example:1/0', redisCaFile: pem('ca') });
  expect(redisConnection(named)).toEqual({
    url: 'rediss://redis.example:1/0',
    keyPrefix: 'anytime:anytime-workers',
    redisConfig: {
      username: 'u',
      password: 'p',
      tls: { rejectUnauthorized: true, servername: 'redis.example', ca: Buffer.from('ca') },
    },
  });
  expect(redisConnection(load({ redisUrl: 'rediss://127.0.0.1:1' })).redisConfig).toEqual({
    tls: { rejectUnauthorized: true },
  });
});

test('a certificate file that cannot be read is named', () => {
  const config = load({ kafkaCaFile: join(folder, 'no-such') });
  expect(() => kafkaConnection(config)).toThrow(/`kafkaCaFile`.*no-such/);
});
