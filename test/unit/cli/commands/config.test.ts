// `anytime config print` shows every setting, and no password however it was given.
import { afterEach, expect, test, vi } from 'vitest';
import { createProgram } from '../../../../src/cli/program.ts';
import { runProgram } from '../../../../src/cli/run-program.ts';
import { ConfigSchema } from '../../../../src/config.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

async function print(...flags: string[]): Promise<string> {
  let text = '';
  const write = (chunk: unknown) => {
    text += String(chunk);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(write);
  vi.spyOn(process.stderr, 'write').mockImplementation(write);
  const code = await runProgram(createProgram(), ['node', 'anytime', 'config', 'print', ...flags]);
  vi.restoreAllMocks();
  expect(code, text).toBe(0);
  return text;
}

test.each([[[]], [['--json']]])('%j: every setting, no password', async (flags: string[]) => {
  const secrets = ['hidden-1', 'hidden-2'];
  vi.stubEnv('ANYTIME_KAFKA_SASL', 'scram-sha-512');
  vi.stubEnv('ANYTIME_KAFKA_USER', 'worker');
  vi.stubEnv('ANYTIME_KAFKA_PASSWORD', secrets[0]);
  vi.stubEnv('ANYTIME_REDIS_URL', `redis://worker:${secrets[1]}@redis:6379`);
  const text = await print(...flags, '--group', 'mine');
  for (const name of Object.keys(ConfigSchema.shape)) expect(text).toContain(name);
  for (const shown of ['mine', 'scram-sha-512', 'worker', '***', 'redis://redis:6379']) expect(text).toContain(shown);
  for (const secret of secrets) expect(text).not.toContain(secret);
});

test('a flag that it does not know is one line and exit code 2', async () => {
  const lines: string[] = [];
  const stderr = { write: (line: string | Uint8Array) => lines.push(String(line)) > 0 };
  const code = await runProgram(
    createProgram(),
    ['node', 'anytime', 'config', 'print', '--kafka-pasword', 'x'],
    stderr,
  );
  expect(code).toBe(2);
  expect(lines.join('')).toMatch(/--kafka-pasword/);
});
