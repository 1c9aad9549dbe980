// Secrets come from the environment or from files, never show, and security settings that cannot work together are refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it, test } from 'vitest';
import { type Config, loadConfig } from '../../src/config.ts';

const PASSWORD = 'pa ss/w@rd:7';
const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const load = (environment: Record<string, string>, settings?: object, flags: Record<string, unknown> = {}): Config =>
  loadConfig({ environment, flags, file: settings && file('settings.json', JSON.stringify(settings)) });
const SASL = { ANYTIME_KAFKA_SASL: 'scram-sha-512', ANYTIME_KAFKA_USER: 'worker' };

describe('a secret', () => {
  it('comes from the environment, or from a file without its last line break', () => {
    expect(load({ ...SASL, ANYTIME_KAFKA_PASSWORD: PASSWORD }).kafkaPassword?.reveal()).toBe(PASSWORD);
    const path = file('password', `${PASSWORD}\r\n`);
    expect(load({ ...SASL, ANYTIME_KAFKA_PASSWORD_FILE: path }).kafkaPassword?.reveal()).toBe(PASSWORD);
    expect(load({ ANYTIME_REDIS_PASSWORD_FILE: path }).redisPassword?.reveal()).toBe(PASSWORD);
    const url = file('url', `rediss://u:${encodeURIComponent(PASSWORD)}@redis:6380/2\n`);
    const config = load({ ANYTIME_REDIS_URL_FILE: url });
    expect([config.redisUrl, config.redisUser, config.redisPassword?.reveal()]).toEqual([
      'rediss://redis:6380/2',
      'u',
      PASSWORD,
    ]);
  });

  it('named by a later source goes over an earlier one, whichever of the two ways', () => {
    const path = file('other', 'other');
    const inFile = { kafkaSasl: 'scram-sha-256', kafkaUser: 'u', kafkaPasswordFile: path };
    expect(load({ ANYTIME_KAFKA_PASSWORD: PASSWORD }, inFile).kafkaPassword?.reveal()).toBe(PASSWORD);
    const asText = { kafkaSasl: 'scram-sha-256', kafkaUser: 'u', kafkaPassword: PASSWORD };
    expect(load({ ANYTIME_KAFKA_PASSWORD_FILE: path }, asText).kafkaPassword?.reveal()).toBe('other');
    expect(load({}, asText, { kafkaPasswordFile: path }).kafkaPassword?.reveal()).toBe('other');
  });

  it('named in both ways by one source, in a file that is empty or not there, is an error', () => {
    const both = { ...SASL, ANYTIME_KAFKA_PASSWORD: PASSWORD, ANYTIME_KAFKA_PASSWORD_FILE: file('p', 'p') };
    expect(() => load(both)).toThrow(/either `kafkaPassword` or `kafkaPasswordFile`/);
    expect(() => load({ ANYTIME_REDIS_PASSWORD_FILE: file('empty', '\n') })).toThrow(/redisPasswordFile.*empty/);
    expect(() => load({ ANYTIME_REDIS_PASSWORD_FILE: join(folder, 'no') })).toThrow(/redisPasswordFile.*ENOENT/);
  });

  it('shows in no text made of the settings', () => {
    const config = load({ ...SASL, ANYTIME_KAFKA_PASSWORD: PASSWORD, ANYTIME_REDIS_PASSWORD: PASSWORD });
    const texts = [JSON.stringify(config), inspect(config, { depth: 9, showHidden: true }), `${config.kafkaPassword}`];
    for (const text of texts) {
      expect(text).toContain('***');
      expect(text).not.toContain(PASSWORD);
    }
  });

  it.each([
    ['redis://u:%zz-hidden@redis:6379'],
    ['redis://u:hidden@redis:port'],
    ['http://u:hidden@redis:6379'],
    [`redis://u:hidden@${'x'.repeat(10)}:99999`],
    ['redis://u:/hidden@redis:6379'],
    ['redis://u:12/hidden@redis:6379'],
    ['redis://u:?hidden@redis:6379'],
    ['redis://u:#hidden@redis:6379'],
  ])('shows in no error: %s', (url) => {
    expect(() => load({ ANYTIME_REDIS_URL: url })).toThrow(/^(?!.*hidden).*redisUrl.*\(not shown\)/);
  });

  it('shows in no error about a settings file', () => {
    const broken = file('broken.json', '{"kafkaPassword":"hidden",}');
    expect(() => loadConfig({ environment: {}, file: broken })).toThrow(/^(?!.*hidden).*it is no JSON/);
    expect(() => load({}, { kafkaPassword: ['hidden'] })).toThrow(/^(?!.*hidden).*kafkaPassword.*not shown/);
  });
});

describe('credentials in the address of Redis', () => {
  it('give way to those given apart; an address without any stays as it is', () => {
    const config = load({ ANYTIME_REDIS_URL: 'redis://a:1@h:1', ANYTIME_REDIS_PASSWORD: 'p', ANYTIME_REDIS_USER: 'b' });
    expect([config.redisUrl, config.redisUser, config.redisPassword?.reveal()]).toEqual(['redis://h:1', 'b', 'p']);
    expect(load({ ANYTIME_REDIS_URL: 'redis://h:1/3' })).toMatchObject({ redisUrl: 'redis://h:1/3', redisUser: null });
    const alone = load({ ANYTIME_REDIS_URL: 'redis://:p@h:1' });
    expect([alone.redisUser, alone.redisPassword?.reveal()]).toEqual([null, 'p']);
    expect(load({ ANYTIME_REDIS_URL: 'redis://h:1?password=hidden' }).redisUrl).toBe('redis://h:1');
  });
});

test.each<[Record<string, string>, RegExp]>([
  [{ ANYTIME_KAFKA_SASL: 'plain', ANYTIME_KAFKA_USER: 'u', ANYTIME_KAFKA_PASSWORD: 'p' }, /kafkaTls.*plain/],
  [{ ANYTIME_KAFKA_SASL: 'scram-sha-256' }, /kafkaUser/],
  [{ ANYTIME_KAFKA_USER: 'u' }, /`kafkaPassword` where `kafkaUser`/],
  [{ ANYTIME_KAFKA_USER: 'u', ANYTIME_KAFKA_PASSWORD: 'p' }, /kafkaSasl/],
  [{ ANYTIME_KAFKA_CERT_FILE: '/c' }, /`kafkaKeyFile` where `kafkaCertFile`/],
  [{ ANYTIME_REDIS_URL: 'rediss://h:1', ANYTIME_REDIS_KEY_FILE: '/k' }, /`redisCertFile` where `redisKeyFile`/],
  [{ ANYTIME_REDIS_CA_FILE: '/c' }, /rediss:\/\//],
  [{ ANYTIME_REDIS_USER: 'u' }, /redisPassword/],
  [{ ANYTIME_KAFKA_SASL: 'gssapi' }, /kafkaSasl/],
  [{ ANYTIME_KAFKA_TLS: 'perhaps' }, /kafkaTls/],
])('settings that cannot work together are refused: %o', (environment, message) => {
  expect(() => load(environment)).toThrow(message);
});
