// `npm run chaos`: nothing lost, nothing stepping back, whoever dies. Real Kafka, Redis and worker processes, a seeded schedule of
// faults, and a watcher that accounts for every frame; one JSON document.
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { readModel } from '../network/bundle.ts';
import { PACKAGE_FOLDER } from '../package-folder.ts';
import { numberAbove0, numberFrom, wholeNumber } from './arguments.ts';
import { endOnBrokenPipe } from './broken-pipe.ts';
import { type ChaosServices, startChaosServices } from './chaos/chaos-services.ts';
import { POISONS } from './chaos/poison.ts';
import { runChaos } from './chaos/run-chaos.ts';
import { FAULT_KINDS } from './chaos/schedule.ts';
import { commitOfSources } from './commit-of-sources.ts';
import { addConfigFlags, configOf, flagName } from './config-flags.ts';
import { readFramePool } from './frame-pool.ts';
import { createProgress } from './progress.ts';
import { EXIT_FAILED, runProgram } from './run-program.ts';
import { untilSignal } from './until-signal.ts';

interface Flags {
  readonly minutes: number;
  readonly frames: number;
  readonly seed: number;
  readonly workers: number;
  readonly partitions?: number;
  readonly faults: readonly (typeof FAULT_KINDS)[number][];
  readonly everyMs: number;
  readonly sessionTimeoutMs: number;
  readonly poisons: readonly (typeof POISONS)[number][];
  readonly poisonShare: number;
  readonly poisonOfEach: number;
  readonly images: string;
  readonly logs?: string;
  readonly jsonOnly?: boolean;
}

/** Settings of the workers that are given through. */
const WORKER_SETTINGS = ['model', 'backend', 'threads', 'maxHeldFrames', 'maxBatch', 'drainMs'] as const;

function chaosCommand(): Command {
  const command = new Command('npm run chaos --')
    .description(
      'Workers, servers and connections fail by a seeded schedule while frames stream; every frame is accounted for',
    )
    .option('--minutes <n>', 'length of the stream', numberAbove0('--minutes', 'minutes'), 5)
    .option('--frames <n>', 'frames to send', wholeNumber('--frames', 'a number of frames', 1, 10_000_000), 100_000)
    .option('--seed <n>', 'same seed, same faults and frames', wholeNumber('--seed', 'a seed', 0), 1)
    .option('--workers <n>', 'worker processes that are kept up', wholeNumber('--workers', 'workers', 1, 64), 3)
    .option(
      '--partitions <n>',
      'of the frames topic; default: two a worker',
      wholeNumber('--partitions', 'partitions', 1, 1000),
    )
    .option(
      '--faults <list>',
      `kinds, separated by commas, or none: ${FAULT_KINDS.join(',')}`,
      listOf('--faults', FAULT_KINDS),
      FAULT_KINDS,
    )
    .option('--every-ms <ms>', 'between two faults, on average', numberAbove0('--every-ms', 'milliseconds'), 4000)
    .option(
      '--session-timeout-ms <ms>',
      'of the workers in their group',
      numberFrom('--session-timeout-ms', 'milliseconds', 3000, 60_000),
      6000,
    )
    .option(
      '--poisons <list>',
      `kinds of poisonous frames, or none: ${POISONS.join(',')}`,
      listOf('--poisons', POISONS),
      POISONS,
    )
    .option(
      '--poison-share <x>',
      'of the frames: not an image, or with a bad header',
      numberFrom('--poison-share', 'a share', 0, 1),
      0.005,
    )
    .option(
      '--poison-of-each <n>',
      'frames of each kind that takes the engine or its worker down',
      wholeNumber('--poison-of-each', 'frames', 0, 1000),
      3,
    )
    .option(
      '--images <path>',
      'folder or tar of images to send',
      join(PACKAGE_FOLDER, 'models', 'glyphs', 'test-frames.tar'),
    )
    .option('--logs <folder>', "keep the workers' logs there, single frames included")
    .option('--json-only', 'nothing but the document');
  return addConfigFlags(command, WORKER_SETTINGS).addHelpText('after', EXAMPLES).action(run);
}

async function run(flags: Flags): Promise<void> {
  const say = flags.jsonOnly ? () => {} : (line: string) => console.error(line);
  const given = flags as unknown as Record<string, unknown>;
  const config = configOf(Object.fromEntries(WORKER_SETTINGS.map((name) => [name, given[name]])));
  const model = await readModel(config.model);
  const pool = await readFramePool({ paths: [flags.images], classes: model.classes, seed: flags.seed, limit: 2000 });
  const stop = untilSignal();
  const progress = createProgress('frames sent');
  let services: ChaosServices | null = null;
  try {
    if (flags.logs !== undefined) await mkdir(flags.logs, { recursive: true });
    services = await startChaosServices(say);
    // Workers share the machine: each its part of the cores, unless said otherwise.
    const threads = config.threads || Math.max(1, Math.floor(availableParallelism() / flags.workers));
    const document = await runChaos({
      ...{ services, pool, say, signal: stop.signal, stages: model.stages.length },
      ...{ frames: flags.frames, durationMs: flags.minutes * 60_000, workers: flags.workers, seed: flags.seed },
      ...{ kinds: flags.faults, everyMs: flags.everyMs, sessionTimeoutMs: flags.sessionTimeoutMs },
      ...{ poisons: flags.poisons, poisonShare: flags.poisonShare, poisonOfEach: flags.poisonOfEach },
      logFolder: flags.logs ?? null,
      partitions: flags.partitions ?? 2 * flags.workers,
      workerFlags: WORKER_SETTINGS.flatMap((name) => [flagName(name), String({ ...config, threads }[name])]),
      progress: flags.jsonOnly ? () => {} : progress.update,
    });
    progress.end();
    if (!document.isPassed) {
      console.error(`Not as promised, with seed ${flags.seed}: see the document`);
      process.exitCode = EXIT_FAILED;
    }
    console.log(JSON.stringify({ ...document, ...toldOfRun(flags) }));
  } finally {
    progress.end();
    await services?.stop();
    stop.release();
  }
}

function toldOfRun({ seed, workers, everyMs, sessionTimeoutMs }: Flags) {
  return { seed, workers, everyMs, sessionTimeoutMs, commit: commitOfSources() };
}

/** Names of a closed list, separated by commas; "none" = none of them. */
function listOf<T extends string>(flag: string, names: readonly T[]): (text: string) => readonly T[] {
  return (text) => {
    const given = text === 'none' ? [] : text.split(',').map((one) => one.trim());
    const unknown = given.find((one) => !names.includes(one as T));
    if (unknown === undefined) return given as T[];
    throw new InvalidArgumentError(
      `Expected \`${flag}\` to be of ${names.join(', ')}, or none, got ${JSON.stringify(unknown)}`,
    );
  };
}

const EXAMPLES = `
The last line on stdout is one JSON document. Exit code 1 when a frame is lost, answers step back while Redis answers, a good frame
is a dead letter, or a poisonous one is none; then the seed and the life of such frames are on stderr.

Examples:
  npm run chaos
  npm run chaos -- --minutes 5 --frames 100000 --seed 7
  npm run chaos -- --faults sigterm --poisons none
  npm run chaos -- --faults sigkill --every-ms 5000 --poisons none --json-only`;

endOnBrokenPipe(process.stdout);
process.exitCode = await runProgram(chaosCommand(), process.argv);
