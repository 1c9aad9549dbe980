// `npm run bench -- NAME`: benchmarks. Each compares two things in one run, several rounds in turn, medians; the last line on stdout
// is one JSON document.
import { Command } from 'commander';
import { wholeNumber } from '../../src/cli/arguments.ts';
import { runProgram } from '../../src/cli/run-program.ts';
import { benchEngine } from './engine.ts';
import { benchScheduler } from './scheduler.ts';

const program = new Command('npm run bench --').description('Benchmarks; the last line on stdout is one JSON document');
const rounds = ['--rounds <n>', 'rounds of each side, in turn', wholeNumber('--rounds', 'rounds', 1, 1000), 7] as const;

program
  .command('engine')
  .description('Full depth, stage by stage through the stage thread: the native engine against wasm, by batch size')
  .option('--model <folder>', 'bundle', 'models/cifar10')
  .option(...rounds)
  .action(async (flags: { model: string; rounds: number }) => say(await benchEngine(flags.model, flags.rounds)));

program
  .command('scheduler')
  .description('One decision with few and with many frames in the ready queue')
  .option(...rounds)
  .action(async (flags: { rounds: number }) => say(benchScheduler(flags.rounds)));

program.addHelpText(
  'after',
  '\nExamples:\n  npm run bench -- engine --model models/glyphs\n  npm run bench -- scheduler',
);
process.exitCode = await runProgram(program, process.argv);

function say(document: object): void {
  console.log(JSON.stringify(document));
}
