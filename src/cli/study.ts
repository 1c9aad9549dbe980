// `npm run study`: trains the runs of the study one after another, goes on where it was stopped, and ends with one JSON document.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { AnytimeError } from '../errors.ts';
import { stageCosts } from '../network/cost.ts';
import { writeWhole } from '../network/write-whole.ts';
import { keptHeadTime } from '../study/kept-head-time.ts';
import { chainNetwork, sequenceNetwork } from '../study/networks.ts';
import { onlyRuns, type StudyRun, studyPlan } from '../study/plan.ts';
import { type RunRecipe, runFolder, runOne, studyFrames } from '../study/run-one.ts';
import { runPlan } from '../study/run-plan.ts';
import { storedRecord } from '../study/run-record.ts';
import { studyDocument } from '../study/study-document.ts';
import { studyFigures } from '../study/study-figures.ts';
import { checkData, checkTestData } from '../training/check-data.ts';
import { PRECISIONS, type Precision } from '../training/kernels.ts';
import { loadFrames } from '../training/load-frames.ts';
import { numberAbove0, wholeNumber } from './arguments.ts';
import { endOnBrokenPipe } from './broken-pipe.ts';
import { createTrainingDisplay } from './commands/train-display.ts';
import { commitOfSources } from './commit-of-sources.ts';
import { runProgram } from './run-program.ts';
import { untilSignal } from './until-signal.ts';

interface Flags {
  readonly data?: string;
  readonly test?: string;
  readonly out: string;
  readonly epochs: number;
  readonly seeds: number;
  readonly minutes?: number;
  readonly only?: readonly string[];
  readonly part: Part;
  readonly precision: Precision;
  readonly quick?: boolean;
}

interface Part {
  /** From 0. */
  readonly index: number;
  readonly of: number;
}

/** As long as a timer of Node.js can be, which would end at once beyond. */
const MOST_MINUTES = Math.floor((2 ** 31 - 1) / 60_000);

/** `--quick`: drawn frames, so few that the figures mean nothing; it shows that every step works. */
const QUICK = { train: 'glyphs:640', test: 'glyphs:160', epochs: 1, batch: 64, flips: false, validationShare: 0.2 };

function studyCommand(): Command {
  return new Command('npm run study --')
    .description(
      "The paper's claims on a small network: OPT, weightings with and without oscillation, sequences of networks",
    )
    .option('--data <path>', 'frames to train on: a folder with one folder of images per class, or tar shards')
    .option('--test <path>', 'frames to measure on; they choose nothing')
    .option('--out <folder>', 'where runs are kept; finished ones are not done again', 'runs/study')
    .option('--epochs <n>', 'the same for every run', numberAbove0('--epochs', 'a number'), 10)
    .option('--seeds <n>', 'seeds 1 … n', wholeNumber('--seeds', 'a number of seeds', 1, 20), 2)
    .option(
      '--minutes <n>',
      'stop after so long; the same command goes on from there',
      numberAbove0('--minutes', 'minutes', MOST_MINUTES),
    )
    .option(
      '--only <runs>',
      'these alone, by how their names begin (opt,sequence,linear-seed); the document is of these: give it an --out of its own',
      (text) => text.split(',').filter((name) => name !== ''),
    )
    .addOption(
      new Option(
        '--part <i/n>',
        'train every n-th run only, from the i-th: several such commands share the processors and the folder, each on a core of its own',
      )
        .argParser(partOf)
        .default({ index: 0, of: 1 }, '1/1'),
    )
    .addOption(new Option('--precision <type>', 'of activations').choices([...PRECISIONS]).default('float32'))
    .option('--quick', 'everything end to end in about a minute, on drawn frames; the figures mean nothing')
    .action(run);
}

function partOf(text: string): Part {
  const [, i = 0, n = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (i < 1 || i > n) {
    throw new AnytimeError('bad-argument', `Expected \`--part\` to be i/n with 1 ≤ i ≤ n, as 1/2, got "${text}"`);
  }
  return { index: i - 1, of: n };
}

async function run(flags: Flags): Promise<void> {
  const isQuick = flags.quick === true;
  const [data, test] = isQuick ? [QUICK.train, QUICK.test] : [flags.data, flags.test];
  if (data === undefined || test === undefined) {
    throw new AnytimeError('bad-argument', 'Expected `--data` and `--test`, or `--quick`, got neither');
  }
  const networks = {
    chain: chainNetwork(),
    sequences: { again: sequenceNetwork('again'), beside: sequenceNetwork('beside') },
  };
  const { show } = createTrainingDisplay();
  const train = await loadFrames(data, {
    ...{ size: networks.chain.input, seed: 1 },
    check: (loaded) => checkData(data, loaded, show),
  });
  const tested = await loadFrames(test, {
    ...{ size: networks.chain.input, classes: train.classes, seed: 2, isTest: true },
    check: (loaded) => checkTestData(test, loaded, show),
  });
  const frames = studyFrames(train, tested);
  const passes = stageCosts(networks.chain, train.classes.length).map((stage) => stage.passes);
  const seeds = Array.from({ length: flags.seeds }, (_, i) => i + 1);
  const all = studyPlan(networks, passes, seeds);
  const plan = flags.only === undefined ? all : onlyRuns(all, flags.only);
  const shared = { precision: flags.precision, commit: commitOfSources() };
  const recipe: RunRecipe = isQuick
    ? { ...QUICK, ...shared }
    : { epochs: flags.epochs, batch: 256, flips: true, validationShare: 0.05, ...shared };
  const stop = untilSignal();
  const late = flags.minutes === undefined ? [] : [AbortSignal.timeout(Math.round(flags.minutes * 60_000))];
  const signal = AbortSignal.any([stop.signal, ...late]);
  const folderOf = (own: StudyRun) => runFolder(flags.out, own, frames, recipe);
  const make = async (own: StudyRun, index: number) => {
    if (index % flags.part.of !== flags.part.index || signal.aborted) return null;
    console.error(`Run ${index + 1} of ${plan.length}: ${own.id}`);
    const display = createTrainingDisplay();
    return await runOne(folderOf(own), own, frames, recipe, display.show, signal).finally(display.end);
  };
  const records = await runPlan(plan, make, (own) => storedRecord(folderOf(own), frames.sha256)).finally(stop.release);
  const headTime = await keptHeadTime(flags.out, networks.chain, train.classes.length);
  const study = studyDocument(plan, passes, records, headTime);
  const { commit: _, ...trained } = recipe;
  const made = [...records.values()];
  const document = {
    ...{ network: networks.chain.name, classes: train.classes },
    ...{ data: train.name, test: frames.test.name, isQuick, recipe: trained, only: flags.only ?? null },
    /** Of the sources that each run was trained with, and how long they all took together. */
    commits: [...new Set(made.map(({ commit }) => commit))].sort(),
    trainingSeconds: Math.round(made.reduce((sum, { seconds }) => sum + seconds, 0)),
    ...study,
  };
  await mkdir(flags.out, { recursive: true });
  await writeWhole(join(flags.out, 'study.json'), `${JSON.stringify(document, null, 2)}\n`);
  for (const [name, svg] of studyFigures(study)) await writeWhole(join(flags.out, name), svg);
  console.log(JSON.stringify(document));
  if (document.missing.length > 0)
    console.error(`${document.missing.length} runs are missing: the same command goes on.`);
}

endOnBrokenPipe(process.stdout);
process.exitCode = await runProgram(studyCommand(), process.argv);
