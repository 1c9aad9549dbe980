// `npm run e2e`: the product as it is used, with real Kafka, real Redis and worker processes, on labelled frames; one JSON document.
import { Command } from 'commander';
import { readModel } from '../network/bundle.ts';
import { numberAbove0, numberFrom, wholeNumber } from './arguments.ts';
import { endOnBrokenPipe } from './broken-pipe.ts';
import { commitOfSources } from './commit-of-sources.ts';
import { PIPELINE_SETTINGS } from './config-flags.ts';
import { localServices } from './e2e/local-services.ts';
import { runE2e } from './e2e/run-e2e.ts';
import { addMeasuringFlags, measuringConfig, workerFlags } from './e2e/worker-settings.ts';
import { readFramePool } from './frame-pool.ts';
import { createProgress } from './progress.ts';
import { EXIT_FAILED, runProgram } from './run-program.ts';
import { untilSignal } from './until-signal.ts';

interface Flags {
  readonly frames: string;
  readonly workers: number;
  readonly rate?: number;
  readonly load: number;
  readonly deadlineMs?: number;
  readonly minConfidence: number | 'none';
  readonly limit?: number;
  readonly partitions?: number;
  readonly seed: number;
  readonly kafkaBrokers?: string;
  readonly redisUrl?: string;
  readonly jsonOnly?: boolean;
}

/** Settings of the workers that are given through; the frames' headers say the rest. */
const WORKER_SETTINGS = PIPELINE_SETTINGS.filter((name) => !['deadlineMs', 'minConfidence', 'budget'].includes(name));

function e2eCommand(): Command {
  const command = new Command('npm run e2e --')
    .description('Services, topics and workers started; every frame sent through Kafka; every answer accounted for')
    .requiredOption('--frames <path>', 'folder with one folder of images per class, or a tar with labels')
    .option('--workers <n>', 'worker processes', wholeNumber('--workers', 'a number of workers', 1, 64), 2)
    .option('--rate <n>', 'frames a second', numberAbove0('--rate', 'frames a second'))
    .option(
      '--load <x>',
      'without --rate: times what full depth can hold, which is found first',
      numberAbove0('--load', 'a load'),
      0.7,
    )
    .option(
      '--deadline-ms <ms>',
      'deadline of each frame after it is due; default: none',
      numberAbove0('--deadline-ms', 'milliseconds'),
    )
    .option(
      '--min-confidence <n>',
      "confidence that ends a frame, none = the bundle's; 1 refines as far as time allows",
      minConfidence,
      1,
    )
    .option(
      '--limit <n>',
      'frames to send; more than there are go round again; default: each once',
      wholeNumber('--limit', 'a number of frames', 1),
    )
    .option(
      '--partitions <n>',
      'partitions of the frames topic; default: two a worker',
      wholeNumber('--partitions', 'partitions', 1, 1000),
    );
  return addMeasuringFlags(command, WORKER_SETTINGS).addHelpText('after', EXAMPLES).action(run);
}

async function run(flags: Flags): Promise<void> {
  const say = flags.jsonOnly ? () => {} : (line: string) => console.error(line);
  const { config, named } = measuringConfig(flags, WORKER_SETTINGS);
  const model = await readModel(config.model);
  const stop = untilSignal();
  const progress = createProgress('frames sent');
  const pool = await readFramePool({
    paths: [flags.frames],
    classes: model.classes,
    seed: flags.seed,
    ...(flags.limit !== undefined && { limit: flags.limit }),
  });
  const services = await localServices(named, say);
  try {
    const document = await runE2e({
      services,
      pool,
      frames: flags.limit ?? pool.frames.length,
      workers: flags.workers,
      partitions: flags.partitions ?? 2 * flags.workers,
      rate: flags.rate ?? null,
      load: flags.load,
      deadlineMs: flags.deadlineMs ?? null,
      minConfidence: flags.minConfidence === 'none' ? null : flags.minConfidence,
      seed: flags.seed,
      workerFlags: workerFlags(config, WORKER_SETTINGS, flags.workers),
      say,
      progress: flags.jsonOnly ? () => {} : progress.update,
      signal: stop.signal,
    });
    progress.end();
    if (!document.isComplete) {
      say(
        `Not every frame is accounted for: ${document.lost} without an end (${document.missing.join(', ')}), ${document.withoutCoarse.length} without a first answer on its topic`,
      );
      process.exitCode = EXIT_FAILED;
    }
    console.log(JSON.stringify({ ...document, commit: commitOfSources() }));
  } finally {
    progress.end();
    await services.stop();
    stop.release();
  }
}

function minConfidence(text: string): number | 'none' {
  return text === 'none' ? 'none' : numberFrom('--min-confidence', 'none, or a number', 0, 1)(text);
}

const EXAMPLES = `
The last line on stdout is one JSON document. Exit code 1 when a frame is not accounted for.

Examples:
  npm run e2e -- --frames cifar10/test --model models/cifar10 --workers 2
  npm run e2e -- --frames cifar10/test --model models/cifar10 --load 2 --deadline-ms 500
  npm run e2e -- --frames models/glyphs/test-frames.tar --rate 100 --limit 1000 --json-only`;

endOnBrokenPipe(process.stdout);
process.exitCode = await runProgram(e2eCommand(), process.argv);
