// `npm run soak`: workers under a steady load for a long time; memory, tensors and queues must stay flat. One JSON document.
import { Command } from 'commander';
import { AnytimeError } from '../errors.ts';
import { readModel } from '../network/bundle.ts';
import { numberAbove0, wholeNumber } from './arguments.ts';
import { endOnBrokenPipe } from './broken-pipe.ts';
import { commitOfSources } from './commit-of-sources.ts';
import { PIPELINE_SETTINGS } from './config-flags.ts';
import { localServices } from './e2e/local-services.ts';
import { addMeasuringFlags, measuringConfig, workerFlags } from './e2e/worker-settings.ts';
import { readFramePool } from './frame-pool.ts';
import { createProgress } from './progress.ts';
import { EXIT_FAILED, runProgram } from './run-program.ts';
import { runSoak } from './soak/run-soak.ts';
import { untilSignal } from './until-signal.ts';

interface Flags {
  readonly frames: string;
  readonly minutes: number;
  readonly warmUpMinutes?: number;
  readonly rate: number;
  readonly workers: number;
  readonly collectEveryMinutes?: number;
  readonly deadlineMs: number;
  readonly seed: number;
  readonly kafkaBrokers?: string;
  readonly redisUrl?: string;
  readonly jsonOnly?: boolean;
}

/** Fewer tell no trend. */
const LEAST_COLLECTIONS = 5;

/** Settings of the workers that are given through. */
const WORKER_SETTINGS = PIPELINE_SETTINGS.filter((name) => name !== 'deadlineMs');

function soakCommand(): Command {
  const command = new Command('npm run soak --')
    .description('Services and workers started, frames sent at a steady rate for a long time: does anything grow?')
    .requiredOption('--minutes <n>', 'how long it is looked at', numberAbove0('--minutes', 'minutes'))
    .option('--warm-up-minutes <n>', 'before it (default: a quarter)', numberAbove0('--warm-up-minutes', 'minutes'))
    .requiredOption('--rate <n>', 'frames a second', numberAbove0('--rate', 'frames a second'))
    .option('--frames <path>', 'folder or tar of images', 'models/glyphs/test-frames.tar')
    .option('--workers <n>', 'worker processes', wholeNumber('--workers', 'a number of workers', 1, 64), 2)
    .option(
      '--collect-every-minutes <n>',
      "the heaps of workers' threads are collected whole so often, so that their growth is no garbage (default: as V8 sees fit)",
      numberAbove0('--collect-every-minutes', 'minutes'),
    )
    .option('--deadline-ms <ms>', 'deadline of each frame', numberAbove0('--deadline-ms', 'milliseconds'), 1000);
  return addMeasuringFlags(command, WORKER_SETTINGS).addHelpText('after', EXAMPLES).action(run);
}

async function run(flags: Flags): Promise<void> {
  const say = flags.jsonOnly ? () => {} : (line: string) => console.error(line);
  const { minutes, collectEveryMinutes = null } = flags;
  if (collectEveryMinutes !== null && collectEveryMinutes > minutes / LEAST_COLLECTIONS) {
    const most = minutes / LEAST_COLLECTIONS;
    const message = `Expected \`--collect-every-minutes\` to be at most ${most}, a fifth of --minutes, got ${collectEveryMinutes}`;
    throw new AnytimeError('bad-argument', message);
  }
  const { config, named } = measuringConfig(flags, WORKER_SETTINGS);
  const model = await readModel(config.model);
  const pool = await readFramePool({ paths: [flags.frames], classes: model.classes, seed: flags.seed });
  const stop = untilSignal();
  const progress = createProgress('frames sent');
  const services = await localServices(named, say);
  try {
    const document = await runSoak({
      ...{ services, pool, say, signal: stop.signal },
      ...{ minutes, warmUpMinutes: flags.warmUpMinutes ?? minutes / 4, rate: flags.rate },
      ...{
        workers: flags.workers,
        partitions: 2 * flags.workers,
        collectEveryMinutes,
      },
      ...{ deadlineMs: flags.deadlineMs, seed: flags.seed },
      workerFlags: workerFlags(config, WORKER_SETTINGS, flags.workers),
      progress: flags.jsonOnly ? () => {} : progress.update,
    });
    progress.end();
    const { lost, heartbeatsMissed, verdict, notFlat } = document;
    if (lost > 0) say(`${lost} frames never ended`);
    if (heartbeatsMissed > 0) say(`Partitions were taken away ${heartbeatsMissed} times`);
    if (verdict !== 'flat') say(`Not flat: ${notFlat.join(', ')}`);
    if (lost > 0 || heartbeatsMissed > 0 || verdict !== 'flat') process.exitCode = EXIT_FAILED;
    console.log(JSON.stringify({ ...document, seed: flags.seed, commit: commitOfSources() }));
  } finally {
    progress.end();
    await services.stop();
    stop.release();
  }
}

const EXAMPLES = `
The last line on stdout is one JSON document: per worker the trend of resident memory (MB an hour), tensors and queues after
the warm-up, with its standard error (with --collect-every-minutes also of what is left of all heaps), and resident memory minute by minute; of all frames first-answer latency minute by minute, heartbeats missed, and a verdict.
Exit code 1 when something grows, a frame never ended or a heartbeat was missed.

Examples:
  npm run soak -- --minutes 60 --rate 100
  npm run soak -- --minutes 5 --rate 50 --workers 1 --model models/cifar10 --frames cifar10/test --json-only`;

endOnBrokenPipe(process.stdout);
process.exitCode = await runProgram(soakCommand(), process.argv);
