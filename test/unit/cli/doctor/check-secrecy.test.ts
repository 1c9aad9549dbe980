// The doctor warns of passwords that leave this machine without TLS.
import { expect, test } from 'vitest';
import { checkSecrecy } from '../../../../src/cli/doctor/check-secrecy.ts';
import { loadConfig } from '../../../../src/config.ts';

const sasl = { kafkaSasl: 'scram-sha-512', kafkaUser: 'u' };
const check = (flags: object) =>
  checkSecrecy(loadConfig({ flags: { ...flags }, environment: { ANYTIME_KAFKA_PASSWORD: 'hidden' } }));

test.each([
  [{ ...sasl, kafkaBrokers: 'localhost:1', redisUrl: 'redis://:hidden@127.0.0.1:1' }, 'ok', /none/],
  [{ ...sasl, kafkaBrokers: 'far:1', kafkaTls: 'true', redisUrl: 'rediss://:hidden@far:1' }, 'ok', /none/],
  [{ ...sasl, kafkaBrokers: 'far:1,localhost:1' }, 'warn', /to far:1$/],
  [{ ...sasl, redisUrl: 'redis://:hidden@far:1' }, 'warn', /to Redis$/],
])('%o: %s', (flags, state, found) => {
  expect(check(flags)).toMatchObject({ state, found: expect.stringMatching(found) });
  expect(JSON.stringify(check(flags))).not.toContain('hidden');
});
