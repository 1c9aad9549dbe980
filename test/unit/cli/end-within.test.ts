// A process that was told to stop ends in time, unless it did by itself.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { endWithin } from '../../../src/cli/end-within.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('tells it and ends the process when the time is over, not before', () => {
  const steps: unknown[] = [];
  endWithin(5000, { code: 130, say: () => steps.push('told'), exit: (code) => steps.push(code) });
  vi.advanceTimersByTime(4999);
  expect(steps).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(steps).toEqual(['told', 130]);
});

it('can be called off', () => {
  const exit = vi.fn();
  const callOff = endWithin(10, { exit });
  callOff();
  vi.advanceTimersByTime(100);
  expect(exit).not.toHaveBeenCalled();
});

it.each([
  ['with nothing left to do it does not wait', '', 7],
  ['with something that holds it, it ends all the same', 'setInterval(() => {}, 1000);', 7],
])('a process: %s', (_, held, code) => {
  const file = join(import.meta.dirname, '..', '..', '..', 'src', 'cli', 'end-within.ts');
  const waitMs = held === '' ? 60_000 : 50;
  const script = `import { endWithin } from ${JSON.stringify(file)};\nprocess.exitCode = 7;\nendWithin(${waitMs}, {});\n${held}`;
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    timeout: 30_000,
  });
  expect(status).toBe(code);
});
