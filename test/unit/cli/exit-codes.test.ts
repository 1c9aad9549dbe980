// Each end of a worker has its exit code, and the help tells them all.
import { expect, it } from 'vitest';
import { workerCommand } from '../../../src/cli/commands/worker.ts';
import { mustBeKilled, WORKER_EXIT_CODES, workerExitCode } from '../../../src/cli/exit-codes.ts';
import { AnytimeError, type ErrorCode } from '../../../src/errors.ts';

const CASES: readonly (readonly [ErrorCode, boolean, number])[] = [
  ['bad-argument', false, 2],
  ['bad-bundle', false, 1],
  ['engine-unavailable', false, 3],
  ['engine-crashed', false, 3],
  ['engine-failed', false, 3],
  ['stopped', false, 3],
  ['broker-unavailable', true, 4],
  ['broker-unavailable', false, 1],
  ['store-unavailable', true, 1],
];

it.each(CASES)('%s (retriable: %s) ends with %d', (code, retriable, exitCode) => {
  const error = new AnytimeError(code, 'why', { retriable });
  expect(workerExitCode(error)).toBe(exitCode);
  expect(mustBeKilled(error)).toBe(false);
  expect(WORKER_EXIT_CODES.map(([known]) => known)).toContain(exitCode);
});

it('what is no error of the product ends with 1', () => {
  expect(workerExitCode(new TypeError('undefined is not a function'))).toBe(1);
});

it.each(['engine-hung', 'decoder-hung'] as const)('%s has to be killed', (code) => {
  expect(mustBeKilled(new AnytimeError(code, 'why'))).toBe(true);
});

it('the help of the worker tells every code', () => {
  let help = '';
  const writeOut = (text: string) => {
    help += text;
  };
  workerCommand().configureOutput({ writeOut }).outputHelp();
  for (const [code, meaning] of WORKER_EXIT_CODES) expect(help).toContain(`${code}  ${meaning}`);
});
