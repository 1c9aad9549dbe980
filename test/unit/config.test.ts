// Settings: numbers are what people write as numbers; as many decodes at once as there are threads to run them.
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';

const decodes = (given: unknown, pool?: string) => {
  const environment = pool === undefined ? {} : { UV_THREADPOOL_SIZE: pool };
  return () => loadConfig({ flags: { decodes: given }, environment }).decodes;
};

test('as many decodes at once as the pool has threads, and no more', () => {
  expect(decodes(4)()).toBe(4);
  expect(decodes('16', '16')()).toBe(16);
  for (const [given, pool, threads] of [
    [5, undefined, 4],
    ['17', '16', 16],
    [3, '2', 2],
    [2, 'many', 1],
  ] as const) {
    expect(decodes(given, pool)).toThrow(
      expect.objectContaining({
        code: 'bad-argument',
        message: `Expected \`decodes\` (ANYTIME_DECODES) to be at most ${threads}, the threads of the libuv pool (UV_THREADPOOL_SIZE), got ${given}`,
      }),
    );
  }
});

test('where nothing is said, a small pool lowers them', () => {
  expect(decodes(undefined)()).toBe(2);
  expect(decodes(undefined, '1')()).toBe(1);
  expect(decodes(undefined, '0')()).toBe(1);
});

test.each([
  ['minConfidence', ' '],
  ['minConfidence', false],
  ['minConfidence', []],
  ['drainMs', true],
  ['drainMs', null],
  ['deadlineMs', '0x10'],
  ['budget', 'Infinity'],
  ['hangFactor', '1_000'],
])('%s is no number where it is %j, and no 0 either', (name, given) => {
  expect(() => loadConfig({ flags: { [name]: given }, environment: {} })).toThrow(
    expect.objectContaining({ code: 'bad-argument', message: expect.stringContaining(`\`${name}\``) }),
  );
});

test('numbers may be written as text; an empty one in the environment is not given', () => {
  const flags = { minConfidence: ' 0.5', drainMs: '2.5e3', budget: 0.75, deadlineMs: 'none' };
  const config = loadConfig({ flags, environment: { ANYTIME_BUDGET: '', ANYTIME_CONFIG: '' } });
  expect(config).toMatchObject({ minConfidence: 0.5, drainMs: 2500, budget: 0.75, deadlineMs: null });
});
