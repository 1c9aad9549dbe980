// `anytime config print`: every setting as it counts now, from file, environment and flags; passwords as ***.
import { Command } from 'commander';
import { environmentName } from '../../config.ts';
import { plainText } from '../../core/plain-text.ts';
import { ALL_SETTINGS, addConfigFlags, configOf } from '../config-flags.ts';
import { createOutput } from '../output.ts';

export function configCommand(): Command {
  const print = new Command('print')
    .description('Every setting as it counts now, from file, environment and flags; passwords as ***')
    .option('--json', 'end with one JSON document on stdout');
  addConfigFlags(print, ALL_SETTINGS).addHelpText('after', EXAMPLES).action(run);
  return new Command('config').description('Settings: what they are').addCommand(print).addHelpText('after', EXAMPLES);
}

function run(flags: { readonly json?: boolean }): void {
  const output = createOutput(flags.json ?? false);
  const config = configOf({ ...flags });
  for (const [name, value] of Object.entries(config)) {
    const shown = value === null ? 'none' : String(value); // a secret says *** of itself
    output.say(`${name.padEnd(24)} ${plainText(shown)}  ${output.colours.dim(environmentName(name))}`);
  }
  output.document(config);
}

const EXAMPLES = `
Examples:
  anytime config print
  anytime config print --config worker.json --json`;
