// Runs the program and turns whatever ends it into one line on stderr and an exit code.
import type { Command } from 'commander';
import { CommanderError } from 'commander';
import { isDebug } from '../config.ts';
import { plainText } from '../core/plain-text.ts';
import { AnytimeError, hasCode, messageOf } from '../errors.ts';

export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

/** Resolves with the exit code; commands may have set process.exitCode themselves. `argv` as process.argv. */
export async function runProgram(
  program: Command,
  argv: readonly string[],
  stderr: Pick<NodeJS.WriteStream, 'write'> = process.stderr,
): Promise<number> {
  for (const command of withSubcommands(program)) {
    command.exitOverride();
    command.configureOutput({ outputError: () => {} }); // told once, below
  }
  try {
    await program.parseAsync([...argv]);
    return Number(process.exitCode ?? 0);
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0; // --help
    if (thrown instanceof CommanderError && thrown.code === 'commander.help') return EXIT_USAGE; // no command: help was shown
    stderr.write(`${explain(thrown, program, argv)}\n`);
    return isUsage(thrown) ? EXIT_USAGE : EXIT_FAILED;
  }
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function isUsage(thrown: unknown): boolean {
  return thrown instanceof CommanderError || hasCode(thrown, 'bad-argument');
}

/** One line, or with ANYTIME_DEBUG the whole stack. What is no AnytimeError is a defect: its stack is always shown. */
function explain(thrown: unknown, program: Command, argv: readonly string[]): string {
  if (thrown instanceof CommanderError) return usageMessage(thrown, program, argv[2]);
  if (thrown instanceof AnytimeError && !isDebug()) return thrown.message.split('\n').map(plainText).join('\n');
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown);
}

/** What commander found, as what was expected and what came. */
function usageMessage(error: CommanderError, program: Command, name: string | undefined): string {
  const command = program.commands.find((one) => one.name() === name);
  const place = command === undefined ? program.name() : `${program.name()} ${command.name()}`;
  const help = `${place} --help`;
  const message = error.message.replace(/^error: /, '').replace(/\n/g, ' ');
  // Without the value behind it: somebody may have tried a password as a flag.
  const came = (/'([^']*)'/.exec(message)?.[1] ?? '').replace(/^(--[^=]*)=.*$/, '$1');
  const hint = /\(Did you mean.*\)/.exec(message)?.[0];
  const more = `${hint === undefined ? '' : ` ${hint}`}; \`${help}\` lists them`;
  switch (error.code) {
    case 'commander.unknownOption':
      return `Expected a flag of \`${place}\`, got ${came}${more}`;
    case 'commander.unknownCommand':
      return `Expected a command (${program.commands.map((one) => one.name()).join(', ')}), got ${came}${more}`;
    case 'commander.invalidArgument':
      return message.slice(Math.max(0, message.indexOf('Expected')));
    case 'commander.optionMissingArgument':
      return `Expected a value after \`${came}\`, got none; see \`${help}\``;
    case 'commander.missingMandatoryOptionValue':
      return `Expected \`${came}\` to be given, got none; see \`${help}\``;
    case 'commander.missingArgument':
      return `Expected \`${came}\` to be given, got none; see \`${help}\``;
    default:
      return `${message.charAt(0).toUpperCase()}${message.slice(1)}; see \`${help}\``;
  }
}
