// A log that cannot be written costs its lines, and neither the worker's life nor its time.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { logDestination } from '../../../src/cli/log-destination.ts';
import { scratchFolder } from '../../helpers/data-set-files.ts';

it('a full disk ends no process that logs to it, not even by its last words', async () => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/helpers/log-to-stderr.ts'], {
    stdio: ['ignore', 'pipe', full],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  closeSync(full);
  const exited = once(child, 'exit');
  expect(child.stdout && (await text(child.stdout))).toBe('lives\n');
  expect(await exited).toEqual([0, null]);
});

it('what can be written is written at once', async () => {
  const path = join(await scratchFolder(), 'log');
  const file = openSync(path, 'w');
  const destination = logDestination(file);
  destination.write('{"msg":"é"}\n');
  destination.write('{"msg":"second"}\n');
  closeSync(file);
  expect(readFileSync(path, 'utf8')).toBe('{"msg":"é"}\n{"msg":"second"}\n');
  expect(() => destination.write('{"msg":"nowhere"}\n')).not.toThrow();
});

it('a pipe that nobody reads loses lines within little time; read again, it goes on with a line of its own', async () => {
  const path = join(await scratchFolder(), 'pipe');
  execFileSync('mkfifo', [path]);
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const destination = logDestination(pipe);
  const since = performance.now();
  destination.write(`${'x'.repeat(200_000)}\n`);
  for (let line = 0; line < 1000; line++) destination.write('{"msg":"lost"}\n');
  expect(performance.now() - since).toBeLessThan(2000);
  const buffer = Buffer.alloc(300_000);
  const kept = buffer.toString('utf8', 0, readSync(pipe, buffer));
  expect(kept).toMatch(/^x+$/);
  destination.write('{"msg":"read again"}\n');
  destination.write('{"msg":"and on"}\n');
  expect(buffer.toString('utf8', 0, readSync(pipe, buffer))).toBe('\n{"msg":"read again"}\n{"msg":"and on"}\n');
  closeSync(pipe);
});
