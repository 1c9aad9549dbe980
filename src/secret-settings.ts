// Settings that are secret or say how connections are secured: where they are read from, and what of them must go together.
import { readFileSync } from 'node:fs';
import type { Config } from './config.ts';
import { AnytimeError, messageOf } from './errors.ts';
import { Secret } from './secret.ts';

type Values = Record<string, unknown>;

/** Each may stand in a file instead, which `<name>File` names. */
const MAY_BE_IN_FILE = ['kafkaPassword', 'redisPassword', 'redisUrl'];

/** Settings that must not be shown as they were given, and that are no flags (but redisUrl): a process list shows flags. */
export function isSecret(name: string): boolean {
  return MAY_BE_IN_FILE.includes(name);
}

/**
 * Settings of several sources, later ones over earlier ones. A secret and the file that holds it are one setting: whichever a later
 * source names goes over both. Errors: bad-argument where one source names both.
 */
export function overlaid(sources: readonly Readonly<Values>[]): Values {
  const merged: Values = {};
  for (const source of sources) {
    for (const name of MAY_BE_IN_FILE) {
      const file = `${name}File`;
      if (isGiven(source[name]) && isGiven(source[file]))
        throw new AnytimeError('bad-argument', `Expected either \`${name}\` or \`${file}\`, got both`);
      if (isGiven(source[name]) || isGiven(source[file])) {
        delete merged[name];
        delete merged[file];
      }
    }
    Object.assign(merged, source);
  }
  return merged;
}

/** With the secrets that stand in files; an ending line break is no part of them. Errors: bad-argument naming the file. */
export function withSecretFiles(values: Readonly<Values>): Values {
  const read = MAY_BE_IN_FILE.flatMap((name) => {
    const path = values[`${name}File`];
    return typeof path === 'string' && path !== 'none' ? [[name, readSecret(name, path)]] : [];
  });
  return { ...values, ...Object.fromEntries(read) };
}

function readSecret(name: string, path: string): string {
  let content: string;
  try {
    content = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new AnytimeError('bad-argument', `Expected \`${name}File\` to name a readable file: ${messageOf(cause)}`);
  }
  if (content !== '') return content;
  throw new AnytimeError('bad-argument', `Expected \`${name}File\` to name a file that holds it, ${path} is empty`);
}

/** User and password out of the address into their own settings, which go before. Errors: bad-argument. */
export function splitRedisUrl(config: Config): Config {
  try {
    const url = new URL(config.redisUrl);
    // Credentials that are not encoded end the host for the parser: what follows, an @ among it, is no path of Redis.
    if (`${url.pathname}${url.search}${url.hash}`.includes('@')) throw new Error('an address cut in two');
    const user = decodeURIComponent(url.username) || url.searchParams.get('username');
    const password = decodeURIComponent(url.password) || url.searchParams.get('password');
    if (!user && !password) return config;
    url.username = '';
    url.password = '';
    url.searchParams.delete('username');
    url.searchParams.delete('password');
    return {
      ...config,
      redisUrl: url.href,
      redisUser: config.redisUser ?? (user || null),
      redisPassword: config.redisPassword ?? (password ? new Secret(password) : null),
    };
  } catch {
    // What the parser says repeats the address.
    throw new AnytimeError(
      'bad-argument',
      'Expected `redisUrl` (ANYTIME_REDIS_URL) to be an address, got (not shown); special characters of a password must be percent-encoded in it, or the password given as `redisPassword`',
    );
  }
}

/** Errors: bad-argument for settings that cannot work together, or that would send a password in the clear. */
export function checkSecurity(config: Config): void {
  const isKafkaTls = usesKafkaTls(config);
  const isRedisTls = config.redisUrl.startsWith('rediss:');
  for (const server of ['kafka', 'redis'] as const) together(config, `${server}CertFile`, `${server}KeyFile`);
  together(config, 'kafkaUser', 'kafkaPassword');
  if ((config.kafkaUser === null) !== (config.kafkaSasl === null))
    throw wrong('`kafkaSasl` together with `kafkaUser` and `kafkaPassword`, or none of them', 'a part of them');
  if (config.kafkaSasl === 'plain' && !isKafkaTls)
    throw wrong('`kafkaTls` with `kafkaSasl` plain, which sends the password as it is', 'no TLS');
  if (config.redisUser !== null && config.redisPassword === null)
    throw wrong('`redisPassword` with `redisUser`', 'none');
  if (!isRedisTls && (config.redisCaFile ?? config.redisCertFile) !== null)
    throw wrong('`redisUrl` to begin with rediss:// where a CA or certificate for it is given', 'redis://');
}

/** Whether Kafka is spoken to over TLS. */
export function usesKafkaTls({ kafkaTls, kafkaCaFile, kafkaCertFile }: Config): boolean {
  return kafkaTls || kafkaCaFile !== null || kafkaCertFile !== null;
}

function together(config: Config, one: keyof Config, other: keyof Config): void {
  if ((config[one] === null) === (config[other] === null)) return;
  const [there, missing] = config[one] === null ? [other, one] : [one, other];
  throw wrong(`\`${missing}\` where \`${there}\` is given`, 'none');
}

function wrong(expected: string, got: string): AnytimeError {
  return new AnytimeError('bad-argument', `Expected ${expected}, got ${got}`);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
