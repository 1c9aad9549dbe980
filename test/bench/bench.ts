// `npm run bench -- NAME`: benchmarks. Each compares two things in one run, several rounds in turn, medians; the last line on stdout
// is one JSON document.
import { Command, Option } from 'commander';
import { numberFrom, wholeNumber } from '../../src/cli/arguments.ts';
import { commitOfSources } from '../../src/cli/commit-of-sources.ts';
import { runProgram } from '../../src/cli/run-program.ts';
import { PRECISIONS } from '../../src/training/kernels.ts';
import { PRESETS } from '../../src/training/presets.ts';
import { benchEngine } from './engine.ts';
import { benchPromise, type PromiseFlags } from './promise.ts';
import { benchScheduler } from './scheduler.ts';
import { benchTraining, type TrainingFlags } from './training.ts';

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

program
  .command('training')
  .description('A training step in parts: data, forward, backward, optimiser; and the same step in PyTorch')
  .addOption(new Option('--preset <name>', 'network').choices([...PRESETS]).default('glyphs'))
  .option('--width <n>', 'its width (default: the preset’s own)', wholeNumber('--width', 'a width', 4, 1024))
  .option('--batch <n>', 'frames a step', wholeNumber('--batch', 'a number of frames', 2, 4096), 128)
  .option('--steps <n>', 'steps a round', wholeNumber('--steps', 'steps', 1, 1000), 5)
  .option('--rounds <n>', 'rounds of each side, in turn', wholeNumber('--rounds', 'rounds', 1, 1000), 3)
  .addOption(new Option('--precision <type>', 'of activations').choices([...PRECISIONS]).default('float32'))
  .option(
    '--threads <n>',
    'of both sides (default: all of the processor’s)',
    wholeNumber('--threads', 'threads', 1, 1024),
  )
  .option('--pytorch <python>', 'compare with PyTorch, through this Python that has it')
  .action(async (flags: TrainingFlags) => say(await benchTraining(flags)));

program
  .command('promise')
  .description(
    'What `anytime calibrate --epsilon` promises, checked on frames that took no part, over many random splits',
  )
  .requiredOption('--data <path>', 'labelled frames that had no part in training')
  .option('--model <folder>', 'bundle', 'models/cifar10')
  .option('--epsilon <share>', 'most accuracy that may be lost', numberFrom('--epsilon', 'a share', 1e-6, 1), 0.01)
  .option('--delta <share>', 'chance that it is broken', numberFrom('--delta', 'a share', 1e-6, 1), 0.05)
  .option('--calibration <n>', 'frames to choose on', wholeNumber('--calibration', 'a number of frames', 1), 2500)
  .option('--splits <n>', 'random splits', wholeNumber('--splits', 'splits', 1, 100_000), 500)
  .option('--seed <n>', 'of the splits', wholeNumber('--seed', 'a seed', 0), 1)
  .action(async (flags: PromiseFlags) => say(await benchPromise(flags)));

program.addHelpText(
  'after',
  '\nExamples:\n  npm run bench -- engine --model models/glyphs\n  npm run bench -- scheduler\n  npm run bench -- training --pytorch python3',
);
process.exitCode = await runProgram(program, process.argv);

function say(document: object): void {
  console.log(JSON.stringify({ ...document, commit: commitOfSources() }));
}
