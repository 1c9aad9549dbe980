// Settings as flags, made from ConfigSchema: --kafka-brokers for kafkaBrokers, with its description and default.
import { type Command, Option } from 'commander';
import { type Config, ConfigSchema, loadConfig } from '../config.ts';
import { isSecret } from '../secret-settings.ts';

export type SettingName = keyof Config & string;

/** Settings that say which Kafka, and how to connect to it. */
export const KAFKA_CONNECTION_SETTINGS = [
  'kafkaBrokers',
  'kafkaClientId',
  'kafkaTls',
  'kafkaCaFile',
  'kafkaCertFile',
  'kafkaKeyFile',
  'kafkaSasl',
  'kafkaUser',
  'kafkaPasswordFile',
] as const satisfies readonly SettingName[];

/** Settings that say which Redis, and how to connect to it. */
export const REDIS_CONNECTION_SETTINGS = [
  'redisUrl',
  'redisUrlFile',
  'redisUser',
  'redisPasswordFile',
  'redisCaFile',
  'redisCertFile',
  'redisKeyFile',
  'redisPrefix',
] as const satisfies readonly SettingName[];

/** Settings that say which Kafka and topics. */
export const KAFKA_SETTINGS = [
  ...KAFKA_CONNECTION_SETTINGS,
  'framesTopic',
  'coarseTopic',
  'refinedTopic',
  'deadLetterTopic',
] as const satisfies readonly SettingName[];

/** Settings of the model, the engine and the pipeline: all that works without Kafka and Redis. */
export const PIPELINE_SETTINGS = [
  'model',
  'backend',
  'threads',
  'deadlineMs',
  'budget',
  'minConfidence',
  'maxHeldFrames',
  'maxHeldBytes',
  'maxHeldActivationBytes',
  'maxUnsentBytes',
  'maxFrameBytes',
  'maxPixels',
  'decodes',
  'maxBatch',
  'maxRunMs',
] as const satisfies readonly SettingName[];

/** Every setting that is a flag. Passwords are none: a process list shows flags. */
export const ALL_SETTINGS = (Object.keys(ConfigSchema.shape) as SettingName[]).filter(
  (name) => name === 'redisUrl' || !isSecret(name),
);

/** --config FILE and one flag per setting. Flags of the command's own with the same name must be added before and stay. */
export function addConfigFlags(command: Command, settings: readonly SettingName[]): Command {
  command.option('--config <file>', 'JSON file with settings; environment and flags go over it (ANYTIME_CONFIG)');
  for (const name of settings) {
    const flag = flagName(name);
    if (!command.options.some(({ long }) => long === flag)) command.addOption(settingOption(name, flag));
  }
  return command;
}

/** The settings: what these flags say, over the environment, over the file. Errors: bad-argument. */
export function configOf(flags: Readonly<Record<string, unknown>>): Config {
  const file = typeof flags['config'] === 'string' ? flags['config'] : undefined;
  const given = Object.fromEntries(ALL_SETTINGS.map((name) => [name, flags[name]]));
  return loadConfig({ flags: given, file });
}

/** --max-held-frames for maxHeldFrames. */
export function flagName(setting: string): string {
  return `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function settingOption(name: SettingName, flag: string): Option {
  const schema = ConfigSchema.shape[name];
  const byDefault = defaultText(schema.parse(undefined));
  // The default is told, not set: an unset flag must not go over the file and the environment.
  return new Option(`${flag} <value>`, `${schema.description ?? name} (default: ${byDefault})`);
}

function defaultText(value: unknown): string {
  if (value === null) return 'none';
  return Array.isArray(value) ? value.join(',') : String(value);
}
