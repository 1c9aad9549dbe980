// What somebody may have meant, and what nobody can have.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ConfigSchema, loadConfig } from '../../src/config.ts';
import { nearestName } from '../../src/nearest-name.ts';
import { scratchFolder } from '../helpers/data-set-files.ts';

const names = Object.keys(ConfigSchema.shape);

it.each([
  ['kafkabrokers', 'kafkaBrokers'],
  ['kafka-brokers', 'kafkaBrokers'],
  ['KAFKA_BROKERS', 'kafkaBrokers'],
  ['kafkaBroker', 'kafkaBrokers'],
  ['kafakBrokers', 'kafkaBrokers'],
  ['grop', 'group'],
  ['deadline', 'deadlineMs'],
  ['colour', null],
  ['x', null],
  ['', null],
])('%s: %s', (given, meant) => {
  expect(nearestName(given, names)).toBe(meant);
});

it('knows every name in any case and with dashes, and with one slip finds a name', () => {
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(), (name, slip) => {
      expect(nearestName(name.toUpperCase(), names)).toBe(name);
      const at = slip % name.length;
      const slipped = name.slice(0, at) + name.slice(at + 1);
      expect(
        nearestName(
          name.replace(/[A-Z]/g, (letter) => `-${letter}`),
          names,
        ),
      ).toBe(name);
      expect(nearestName(slipped, names)).not.toBeNull();
    }),
  );
});

it('is named where a settings file has an unknown one', async () => {
  const file = join(await scratchFolder(), 'settings.json');
  const refusal = async (settings: object) => {
    await writeFile(file, JSON.stringify(settings));
    return () => loadConfig({ file, environment: {} });
  };
  expect(await refusal({ kafkabrokers: 'a:1', colour: 1 })).toThrow(
    `Expected only known settings in ${file}, got kafkabrokers, colour; did you mean kafkaBrokers?`,
  );
  expect(await refusal({ colour: 1 })).toThrow(/got colour$/);
});
