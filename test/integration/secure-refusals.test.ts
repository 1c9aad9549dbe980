// Who may not, hears why in words that help; who may, gets in by each mechanism; and no password is in any error.
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import type { KafkaOptions } from '../../src/adapters/kafka/client.ts';
import { KafkaFrameSender } from '../../src/adapters/kafka/frame-sender.ts';
import { probeBroker } from '../../src/adapters/kafka/probe.ts';
import { KafkaResultReader } from '../../src/adapters/kafka/result-reader.ts';
import { createTopics } from '../../src/adapters/kafka/topics.ts';
import { RedisBudgetStore } from '../../src/adapters/redis/budget-store.ts';
import { RedisDepthStore } from '../../src/adapters/redis/depth-store.ts';
import { probeRedis } from '../../src/adapters/redis/probe.ts';
import { loadConfig } from '../../src/config.ts';
import { kafkaConnection, redisConnection } from '../../src/connections.ts';
import { messageOf } from '../../src/errors.ts';
import { type SecureServerAddresses, secureSettings } from '../helpers/servers/secure-settings.ts';
import { secureServers } from '../helpers/servers/servers.ts';

const WRONG = 'wrong-p4ssword';
let servers: SecureServerAddresses;

beforeEach(async ({ skip }) => {
  const found = await secureServers();
  if (found === null) return skip('no server');
  servers = found;
});

const load = (flags: object) => loadConfig({ environment: {}, flags: { ...flags } });
const settings = (user: string, how?: Parameters<typeof secureSettings>[2]) => secureSettings(servers, user, how);
/** Tried once: a refusal stays one. */
const once = (options: KafkaOptions): KafkaOptions => ({
  ...options,
  clientConfig: { ...options.clientConfig, retry: { retries: 0 } },
});
/** What it says when it fails, with everything that hangs on the error; no password may be in there. */
async function refusal(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => new Error('Expected a refusal, got none'),
    (thrown) => thrown,
  );
  const shown = inspect(error, { depth: 12, showHidden: true });
  for (const secret of [WRONG, ...Object.values(servers.passwords)]) expect(shown).not.toContain(secret);
  return messageOf(error);
}

describe('Kafka', () => {
  const probe = (flags: object) => probeBroker(once(kafkaConnection(load(flags))));

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    '%s lets the right password in, no other',
    async (how) => {
      expect((await probe(settings('admin', how))).brokers).toHaveLength(1);
      expect(await refusal(probe({ ...settings('worker', how), kafkaPassword: WRONG }))).toMatch(
        /wrong user or password/,
      );
      expect(await refusal(probe({ ...settings('worker', how), kafkaUser: 'nobody' }))).toMatch(
        /wrong user or password/,
      );
    },
  );

  test('a certificate of a strange authority is not trusted', async () => {
    const flags = { ...settings('worker'), kafkaCaFile: servers.strangerCa };
    expect(await refusal(probe(flags))).toMatch(/is not trusted: .*kafkaCaFile/);
  });

  test('a certificate for another host name', async () => {
    const flags = settings('worker');
    const named = { ...flags, kafkaBrokers: flags['kafkaBrokers']?.replace('127.0.0.1', 'localhost') };
    expect(await refusal(probe(named))).toMatch(/another host name/);
  });

  test('mutual TLS without a client certificate', async () => {
    const { kafkaCertFile, kafkaKeyFile, ...without } = settings('worker', 'mutual-tls');
    expect([kafkaCertFile, kafkaKeyFile].every(Boolean)).toBe(true);
    expect(await refusal(probe(without))).toMatch(/client certificate/);
  });

  test('the rights of one program are not those of another', async () => {
    const topic = `frames-${randomUUID()}`;
    await createTopics(kafkaConnection(load(settings('admin'))), [{ topic, partitions: 1 }]);
    const sendAs = async (user: string) => {
      const sender = new KafkaFrameSender({ ...once(kafkaConnection(load(settings(user)))), topic });
      try {
        await sender.start();
        await sender.send([{ key: null, value: new Uint8Array(1), headers: {} }]);
      } finally {
        await sender.stop();
      }
    };
    await sendAs('sender');
    expect(await refusal(sendAs('watcher'))).toMatch(/this user may not do that/);
    const reading = (user: string) => {
      const topics = { coarse: topic, refined: topic, deadLetters: topic };
      const reader = new KafkaResultReader({ ...once(kafkaConnection(load(settings(user)))), topics, from: 'now' });
      return reader.start({ records: () => {}, failed: () => {} }).finally(() => reader.stop());
    };
    expect(await refusal(reading('watcher'))).toMatch(/this user may not do that/);
    const making = createTopics(once(kafkaConnection(load(settings('worker')))), [
      { topic: `frames-${randomUUID()}`, partitions: 1 },
    ]);
    expect(await refusal(making)).toMatch(/this user may not do that/);
  });
});

describe('Redis', () => {
  const probe = (flags: object) => {
    const { url, redisConfig } = redisConnection(load(flags));
    return probeRedis(url, redisConfig);
  };
  const begin = async (flags: object) => {
    const store = new RedisBudgetStore({ ...redisConnection(load(flags)), timeoutMs: 2000 });
    try {
      await store.start();
      return await store.begin([randomUUID()], 1000);
    } finally {
      await store.stop();
    }
  };
  const without = (names: string[], flags: Record<string, string>) =>
    Object.fromEntries(Object.entries(flags).filter(([name]) => !names.includes(name)));

  test('lets the right password in, no other', async () => {
    expect((await probe(settings('worker'))).version).toMatch(/^\d/);
    const wrong = { ...settings('worker'), redisPassword: WRONG };
    expect(await refusal(probe(wrong))).toMatch(/wrong user or password/);
    expect(await refusal(begin(wrong))).toMatch(/wrong user or password/);
    const none = without(['redisUser', 'redisPassword'], settings('worker'));
    expect(await refusal(begin(none))).toMatch(/wants a user and a password/);
  });

  test('a certificate of a strange authority, and one for another host name', async () => {
    const strange = { ...settings('worker'), redisCaFile: servers.strangerCa };
    expect(await refusal(probe(strange))).toMatch(/is not trusted: .*redisCaFile/);
    expect(await refusal(begin(strange))).toMatch(/is not trusted/);
    const named = { ...settings('worker'), redisUrl: servers.redisUrl.replace('127.0.0.1', 'localhost') };
    expect(await refusal(probe(named))).toMatch(/another host name/);
  });

  test('the rights of one program are not those of another, and keys of others are out of reach', async () => {
    expect(await refusal(begin(settings('operator')))).toMatch(/this user may not do that/);
    expect(await refusal(begin({ ...settings('worker'), redisPrefix: 'elsewhere' }))).toMatch(
      /this user may not do that/,
    );
    const store = new RedisDepthStore({ ...redisConnection(load(settings('worker'))), timeoutMs: 2000 });
    await store.start();
    expect(await refusal(store.setDepthLimit(1))).toMatch(/this user may not do that/);
    await store.stop();
  });
});
