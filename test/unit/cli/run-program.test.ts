// The program's ends: messages that name what was expected and what came, and exit codes.
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.ts';
import { runProgram } from '../../../src/cli/run-program.ts';
import { AnytimeError } from '../../../src/errors.ts';

async function run(program: Command, ...args: string[]) {
  let told = '';
  const code = await runProgram(program, ['node', 'anytime', ...args], {
    write: (text) => {
      told += text;
      return true;
    },
  });
  return { code, told };
}

describe('what was not understood', () => {
  it.each([
    [['foo'], /^Expected a command \(demo, worker, .*doctor.*\), got foo; `anytime --help`/],
    [['dmeo'], /got dmeo \(Did you mean demo\?\)/],
    [['demo', '--fast'], /^Expected a flag of `anytime demo`, got --fast/],
    [['demo', '--rate', 'fast'], /^Expected `--rate` to be frames a second above 0, got "fast"$/m],
    [['demo', '--rate'], /^Expected a value after `--rate <n>`, got none; see `anytime demo --help`/],
    [['demo', 'extra'], /Too many arguments.*expected 0 arguments but got 1/i],
    [['evaluate'], /^Expected `--data <path>` to be given, got none/],
    [['send'], /^Expected `paths` to be given, got none/],
    [['demo', '--backend', 'quantum'], /`backend`.*"quantum"/],
    [['demo', '--config', 'nowhere.json'], /Expected a JSON file of settings at nowhere.json/],
    [['worker', '--log-level', 'loud'], /debug, info, warn, error/],
  ])('%j', async (args, message) => {
    const { code, told } = await run(createProgram(), ...args);
    expect(told).toMatch(message);
    expect(told.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });
});

describe('what failed while running', () => {
  const failing = (error: unknown) =>
    new Command('anytime').addCommand(
      new Command('go').action(() => {
        throw error;
      }),
    );

  it('is one line and 1 for an error of the product', async () => {
    const { code, told } = await run(failing(new AnytimeError('bad-bundle', 'Expected a bundle')), 'go');
    expect(told).toBe('Expected a bundle\n');
    expect(code).toBe(1);
  });

  it('is 2 for a setting that is wrong', async () => {
    expect((await run(failing(new AnytimeError('bad-argument', 'Expected x')), 'go')).code).toBe(2);
  });

  it('shows the stack of a defect', async () => {
    expect((await run(failing(new TypeError('undefined is not a function')), 'go')).told).toMatch(/\n\s+at /);
  });
});

it('has an example in every help', async () => {
  for (const command of createProgram().commands) {
    let help = '';
    const writeOut = (text: string) => {
      help += text;
    };
    command.configureOutput({ writeOut }).outputHelp();
    expect(help, command.name()).toMatch(/Examples?:\n\s+(anytime|npm|ANYTIME)/);
  }
});
