// Settings as flags: made from the schema, and read back into it.
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { ALL_SETTINGS, addConfigFlags, configOf, flagName } from '../../../src/cli/config-flags.ts';
import { ConfigSchema } from '../../../src/config.ts';

function parse(argv: readonly string[]) {
  const command = addConfigFlags(new Command('test'), ALL_SETTINGS).exitOverride();
  return configOf(command.parse(argv, { from: 'user' }).opts());
}

describe('settings as flags', () => {
  it('has a flag with description and default for every setting', () => {
    const command = addConfigFlags(new Command('test'), ALL_SETTINGS);
    for (const name of Object.keys(ConfigSchema.shape)) {
      const isPassword = name === 'kafkaPassword' || name === 'redisPassword'; // a process list shows flags
      const option = command.options.find(({ long }) => long === flagName(name));
      expect(option?.attributeName(), name).toBe(isPassword ? undefined : name);
      if (isPassword) continue;
      expect(option?.description, name).toMatch(/^\S.*\(default: .+\)$/);
    }
  });

  it('reads values of every kind', () => {
    const config = parse([
      '--kafka-brokers',
      'a:1,b:2',
      '--deadline-ms',
      'none',
      '--max-batch',
      '8',
      '--backend',
      'wasm',
    ]);
    expect(config).toMatchObject({ kafkaBrokers: ['a:1', 'b:2'], deadlineMs: null, maxBatch: 8, backend: 'wasm' });
  });

  it('takes its own defaults where no flag is given', () => {
    expect(parse([]).deadLetterTopic).toBe('frames.dlq');
  });

  it('refuses a bad value by the name of the setting', () => {
    expect(() => parse(['--kafka-brokers', 'nowhere'])).toThrow(/`kafkaBrokers`.*host:port/);
  });

  it('leaves a flag of the command itself alone', () => {
    const command = new Command('test').option('--budget <passes>', 'mine');
    addConfigFlags(command, ['budget', 'model']);
    expect(command.options.filter(({ long }) => long === '--budget').map(({ description }) => description)).toEqual([
      'mine',
    ]);
  });
});
