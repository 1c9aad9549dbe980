// A process that was told to stop ends in time, unless it did by itself.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

it.each([
  [
    'a thread',
    "new Worker(\"require('node:child_process').execFileSync('sleep', ['60'])\", { eval: true, execArgv: [] });",
  ],
  ['the pool of libuv', "execFileSync('mkfifo', [fifo]); readFile(fifo, () => {});"],
])('a process of which %s hangs in native code: it is killed', (_, hang) => {
  const file = join(import.meta.dirname, '..', '..', '..', 'src', 'cli', 'end-within.ts');
  const folder = mkdtempSync(join(tmpdir(), 'end-within-'));
  const script = `import { execFileSync } from 'node:child_process';
    import { readFile } from 'node:fs';
    import { Worker } from 'node:worker_threads';
    import { endWithin } from ${JSON.stringify(file)};
    const fifo = ${JSON.stringify(join(folder, 'fifo'))};
    ${hang}
    setTimeout(() => endWithin(1, { code: 130 }), 500);`;
  const { status, signal } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    timeout: 30_000,
    killSignal: 'SIGTERM',
  });
  rmSync(folder, { recursive: true });
  expect([status, signal]).toEqual([null, 'SIGKILL']); // 137 to a shell
});
