// `npm run chaos`: nothing lost, nothing stepping back, whoever dies. Real Kafka, Redis and worker processes, a seeded schedule of
// faults, and a watcher that accounts for every frame; one JSON document.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { readModel } from '../network/bundle.ts';
import { PACKAGE_FOLDER } from '../package-folder.ts';
import { numberAbove0, numberFrom, wholeNumber } from './arguments.ts';
import { endOnBrokenPipe } from './broken-pipe.ts';
import { type ChaosServices, startChaosServices } from './chaos/chaos-services.ts';
import { POISONS } from './chaos/poison.ts';
import { runChaos } from './chaos/run-chaos.ts';
import { demandOf, ratesText, SCENARIOS, type ScenarioName } from './chaos/scenarios/scenarios.ts';
import { FAULT_KINDS } from './chaos/schedule.ts';
import { commitOfSources } from './commit-of-sources.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import { workerFlags } from './e2e/worker-settings.ts';
import { readFramePool } from './frame-pool.ts';
import { createProgress } from './progress.ts';
import { EXIT_FAILED, runProgram } from './run-program.ts';
import { untilSignal } from './until-signal.ts';

interface Flags {
  readonly minutes: number;
  readonly frames?: number;
  readonly scenario?: ScenarioName;
  readonly rate?: number;
  readonly slowMs: number;
  readonly seed: number;
  readonly workers: number;
  readonly partitions?: number;
  readonly faults?: readonly (typeof FAULT_KINDS)[number][];
  readonly everyMs: number;
  readonly sessionTimeoutMs: number;
  readonly poisons?: readonly (typeof POISONS)[number][];
  readonly poisonShare: number;
  readonly poisonOfEach: number;
  readonly images: string;
  readonly logs?: string;
  readonly jsonOnly?: boolean;
}

/** Settings of the workers that are given through. */
const WORKER_SETTINGS = ['model', 'backend', 'threads', 'maxHeldFrames', 'maxBatch', 'drainMs', 'decodes'] as const;

const CHAOS_FRAMES = 100_000;

function chaosCommand(): Command {
  const command = new Command('npm run chaos --')
    .description(
      'Workers, servers and connections fail by a seeded schedule while frames stream; every frame is accounted for',
    )
    .option('--minutes <n>', 'length of the stream', numberAbove0('--minutes', 'minutes'), 5)
    .option(
      '--frames <n>',
      `frames to send; default: ${CHAOS_FRAMES}, of a scenario what it needs`,
      wholeNumber('--frames', 'a number of frames', 1, 10_000_000),
    )
    .addOption(
      new Option('--scenario <name>', 'one question instead of the schedule of faults').choices(Object.keys(SCENARIOS)),
    )
    .option(
      '--rate <n>',
      'frames a second of kill-one and redis-killed; of hostile those that count',
      numberAbove0('--rate', 'frames a second'),
    )
    .option(
      '--slow-ms <ms>',
      'how long the slow frame of slow-frame takes',
      numberAbove0('--slow-ms', 'milliseconds'),
      30_000,
    )
    .option('--seed <n>', 'same seed, same faults and frames', wholeNumber('--seed', 'a seed', 0), 1)
    .option('--workers <n>', 'worker processes that are kept up', wholeNumber('--workers', 'workers', 1, 64), 3)
    .option(
      '--partitions <n>',
      'of the frames topic; default: two a worker',
      wholeNumber('--partitions', 'partitions', 1, 1000),
    )
    .option(
      '--faults <list>',
      `kinds, separated by commas, or none; default: all of ${FAULT_KINDS.join(',')}`,
      listOf('--faults', FAULT_KINDS),
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
      `kinds of poisonous frames, or none; default: all of ${POISONS.join(',')}`,
      listOf('--poisons', POISONS),
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
    const common = {
      ...{ services, pool, say, signal: stop.signal, stages: model.stages.length, seed: flags.seed },
      ...{ sessionTimeoutMs: flags.sessionTimeoutMs, logFolder: flags.logs ?? null },
      workerFlags: workerFlags(config, WORKER_SETTINGS, flags.workers),
    };
    const document =
      flags.scenario === undefined
        ? await runChaos({
            ...{ ...common, frames: flags.frames ?? CHAOS_FRAMES, durationMs: flags.minutes * 60_000 },
            ...{ workers: flags.workers, partitions: flags.partitions ?? 2 * flags.workers },
            ...{ kinds: flags.faults ?? FAULT_KINDS, everyMs: flags.everyMs },
            ...{ poisons: flags.poisons ?? POISONS, poisonShare: flags.poisonShare, poisonOfEach: flags.poisonOfEach },
            progress: flags.jsonOnly ? () => {} : progress.update,
          })
        : await SCENARIOS[flags.scenario]({
            ...common,
            ...{ ...demandOf(flags.scenario, flags), slowMs: flags.slowMs },
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

function toldOfRun({ scenario, seed, workers, everyMs, sessionTimeoutMs }: Flags) {
  const ofSchedule = scenario === undefined ? { workers, everyMs } : {}; // a scenario has workers of its own, and no schedule
  return { seed, ...ofSchedule, sessionTimeoutMs, commit: commitOfSources() };
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
The last line on stdout is one JSON document. Exit code 1 when a frame is lost; when, while Redis answers, its answers step back, go
on after a final one, or end in two ways (a copy of an answer that is there already is a duplicate, and none of these); when a good
frame is a dead letter, a poisonous one is none, or one of a dead letter and its final record is missing; when an answered frame has
no first answer; when a record is of a frame that was never sent, or topics could not be read to their ends; or when records come
twice: 1 % of them with no faults but sigterm and toggle, 5 % with sigkill besides (--poisons none: a frame that kills its worker is a
sigkill), of first, refined or final ones. Redis counts as away where it lost what it knew between two answers, or where one of the
two says itself that its worker went without it. With these faults alone, and no frames that take the engine or its worker down, a run
fails also when a worker ends by itself or does not drain. The seed is then on stderr and, unless --json-only, what was not as
promised and the life of the first frames that were lost, broke a promise or came to a wrong end (of records that come twice only how
many). Every fourth frame has a deadline of 3 s, the others none.

A scenario has its own workers and partitions and no other faults: of the flags above it takes --frames, --rate, --slow-ms, --seed,
--session-timeout-ms, --images and --logs. The life of frames that were lost or broke a promise is on stderr. It passes where there is
none of these and
  slow-frame    the others take at most 1.2 times as long as without it, and the slow one as long as it is to (--slow-ms)
  kill-one      first answers are back within the session timeout and 2 s, and nothing is worked on again that was committed
  redis-killed  first answers come at least 0.95 times as fast as before, with no pause of records longer than 100 ms
  hostile       the 99th percentile of good frames' first answers is at most 1.25 times that with good frames in the hostile ones' places:
                in the median turn and over all of them, on a machine where that is a second at most
Frames a second unless --rate says otherwise: ${ratesText()}.

Examples:
  npm run chaos
  npm run chaos -- --minutes 5 --frames 100000 --seed 7
  npm run chaos -- --faults sigterm --poisons none
  npm run chaos -- --faults sigkill --every-ms 5000 --poisons none --json-only
  npm run chaos -- --scenario slow-frame
  npm run chaos -- --scenario kill-one --session-timeout-ms 6000
  npm run chaos -- --scenario hostile
  npm run chaos -- --scenario redis-killed`;

endOnBrokenPipe(process.stdout);
process.exitCode = await runProgram(chaosCommand(), process.argv);
