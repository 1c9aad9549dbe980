// `anytime worker`: one worker of the consumer group, until a signal. What it does is wired in workers/stream-worker.ts.
import { Command, Option } from 'commander';
import pino from 'pino';
import { runStreamWorker } from '../../../workers/stream-worker.ts';
import { type HealthServer, startHealthServer } from '../../adapters/system/health-server.ts';
import { keepHeapsTight } from '../../adapters/system/tight-heap.ts';
import { FIRST_HEALTH, healthAfter, isAlive } from '../../core/health.ts';
import { AnytimeError, hasCode, messageOf } from '../../errors.ts';
import type { EventSink } from '../../ports.ts';
import { wholeNumber } from '../arguments.ts';
import { ALL_SETTINGS, addConfigFlags, configOf } from '../config-flags.ts';
import { endWithin } from '../end-within.ts';
import { EXIT_ABORTED, mustBeKilled, WORKER_EXIT_CODES, workerExitCode } from '../exit-codes.ts';
import { logDestination } from '../log-destination.ts';
import { EXIT_FAILED } from '../run-program.ts';
import { createWorkerLog } from '../worker-log.ts';

interface Flags {
  readonly createTopics?: number | true;
  readonly logLevel: string;
  readonly loadLineMs: number;
}

const STDERR = 2;
/** Of topics that are made without a number: as many workers can share them. */
const DEFAULT_PARTITIONS = 4;
/** What leaving (Kafka, Redis, the engine) may take after the grace time, ms: with the default of that, below the 30 s of Kubernetes. */
const LEAVE_MS = 15_000;
/** What an abort may take, ms. */
const ABORT_MS = 3000;
/** What may hold the process after its work is over, ms: retries of a library that cannot be called off. */
const LINGER_MS = 1000;

export function workerCommand(): Command {
  const command = new Command('worker')
    .description('Take frames from Kafka, publish a coarse answer at once and better ones while there is time')
    .option(
      '--create-topics [n]',
      'make the topics that are missing, with so many partitions (4 where no number is given; dead letters have one)',
      wholeNumber('--create-topics', 'partitions', 1, 10_000),
    )
    .addOption(
      new Option('--log-level <level>', 'least level of the log lines on stderr')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .option(
      '--load-line-ms <ms>',
      'between two lines that tell the load',
      wholeNumber('--load-line-ms', 'milliseconds', 100),
      10_000,
    );
  return addConfigFlags(command, ALL_SETTINGS).addHelpText('after', HELP).action(run);
}

async function run(flags: Flags): Promise<void> {
  keepHeapsTight(); // it runs for months: before the first thread starts
  const log = pino({ level: flags.logLevel, base: null }, logDestination(STDERR));
  const config = configOf({ ...flags });
  const drain = new AbortController();
  const abort = new AbortController();
  let health = FIRST_HEALTH;
  const onSignal = (signal: string) => {
    const isSecond = drain.signal.aborted;
    if (isAlive(health)) health = { ...health, phase: 'draining' }; // before anything is given up: what asks for readiness sends no more
    log.info(
      { event: isSecond ? 'aborting' : 'draining' },
      `${signal}: ${isSecond ? 'stops now' : 'finishes what is in hand'}`,
    );
    if (isSecond) {
      abort.abort();
      endWithin(ABORT_MS, { code: EXIT_ABORTED });
    } else {
      drain.abort();
      const say = () => log.fatal({ event: 'ended' }, 'Did not leave in time: frames in hand stay uncommitted');
      endWithin(config.drainMs + LEAVE_MS, { code: EXIT_FAILED, say });
    }
  };
  const onParentGone = () => onSignal('The program that started this worker is gone');
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  if (process.connected) {
    process.once('disconnect', onParentGone);
    process.channel?.unref();
  }
  let server: HealthServer | null = null;
  try {
    if (config.healthAddress !== null) server = await startHealthServer(config.healthAddress, () => health);
    const logged = createWorkerLog({ log, loadLineEveryMs: flags.loadLineMs, now: () => performance.now() });
    const events: EventSink = {
      emit(event) {
        health = healthAfter(health, event);
        logged.emit(event);
      },
    };
    const { createTopics = null } = flags;
    const partitions = createTopics === true ? DEFAULT_PARTITIONS : createTopics;
    const options = { events, partitions, drain: drain.signal, abort: abort.signal };
    await runStreamWorker(config, options);
    process.exitCode = abort.signal.aborted ? EXIT_ABORTED : 0;
  } catch (error) {
    if (hasCode(error, 'bad-argument')) throw error;
    log.fatal({ event: 'ended', code: error instanceof AnytimeError ? error.code : null }, messageOf(error));
    if (mustBeKilled(error)) process.kill(process.pid, 'SIGKILL');
    process.exitCode = workerExitCode(error);
  } finally {
    await server?.stop();
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal).off('disconnect', onParentGone);
    if (process.connected) process.disconnect();
    endWithin(LINGER_MS, {});
  }
}

const HELP = `
Exit codes; whatever the code, frames that have not ended stay uncommitted and another worker takes them:
${WORKER_EXIT_CODES.map(([code, meaning]) => `${String(code).padStart(5)}  ${meaning}`).join('\n')}

The first SIGTERM or Ctrl-C drains: no new frames, what is in hand is finished within --drain-ms,
and 15 s later the process has ended, with exit code 1 if it had to be made to.

Examples:
  anytime worker --create-topics 4
  anytime worker --model models/cifar10 --deadline-ms 250 --kafka-brokers a:9092,b:9092
  ANYTIME_REDIS_URL=redis://redis:6379 anytime worker --config worker.json`;
