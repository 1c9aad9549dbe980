// A soak: real Kafka and Redis, worker processes, a steady stream of frames for a long time, and what of the workers grows meanwhile.
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../adapters/system/clock.ts';
import type { Services } from '../../adapters/system/services/services.ts';
import type { ReceivedRecord } from '../../ports.ts';
import { Arrivals } from '../arrivals.ts';
import type { Fleet } from '../e2e/fleet.ts';
import { type FleetConnections, withFleet } from '../e2e/with-fleet.ts';
import type { FramePool } from '../frame-pool.ts';
import { ASK_NOTHING, frameRecordOf } from '../frame-record-of.ts';
import { sendPaced } from '../send-paced.ts';
import { FirstAnswers, type Minute } from './first-answers.ts';
import { sampleWorkers } from './sample-workers.ts';
import { rssMbByMinute, verdictOf, type WorkerTrends, workerTrends } from './verdict.ts';

export interface SoakOptions {
  readonly services: Services;
  readonly pool: FramePool;
  /** What is looked at: trends are of so long. */
  readonly minutes: number;
  /** Frames are sent before it too: caches fill, code is compiled, heaps become as large as they will be. */
  readonly warmUpMinutes: number;
  /** Frames a second. */
  readonly rate: number;
  readonly workers: number;
  /** Workers collect the garbage of all their threads so often; null = as V8 sees fit. */
  readonly collectEveryMinutes: number | null;
  readonly partitions: number;
  readonly deadlineMs: number | null;
  readonly seed: number;
  /** Flags of every worker besides addresses and topics. */
  readonly workerFlags: readonly string[];
  readonly say: (line: string) => void;
  readonly progress: (sent: number, of: number) => void;
  readonly signal: AbortSignal;
}

export interface SoakDocument {
  /** After the warm-up. */
  readonly minutes: number;
  readonly warmUpMinutes: number;
  readonly rate: number;
  readonly collectEveryMinutes: number | null;
  /** Those of the warm-up too, as in everything but the trends. */
  readonly frames: number;
  readonly ended: number;
  /** Of those that ended: without any answer, because their time ran out before. */
  readonly unanswered: number;
  readonly lost: number;
  /** Times that a partition was taken from a worker or given to it anew, with a session timeout of `sessionTimeoutMs`: nobody comes or goes. */
  readonly heartbeatsMissed: number;
  readonly sessionTimeoutMs: number;
  readonly perMinute: readonly Minute[];
  readonly workers: readonly ({
    readonly engine: string | null;
    /** The warm-up's minutes too. */
    readonly rssMbByMinute: readonly (number | null)[];
  } & WorkerTrends)[];
  readonly sampleEveryMs: number;
  readonly verdict: 'flat' | 'not flat';
  readonly notFlat: readonly string[];
  readonly services: string;
}

/** The shortest that Kafka's brokers allow unless told otherwise: it is the most sensitive. */
const SESSION_TIMEOUT_MS = 6000;
const COLLECT = new URL('./collect-on-signal.ts', import.meta.url).href;
const SAMPLES = 720;
const LEAST_SAMPLE_MS = 1000;
/** After the last frame: nothing at all received for so long means that what is missing is lost, ms. */
const SILENCE_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** Errors: what the services, the workers and Kafka run into; `stopped` on the signal. */
export async function runSoak(options: SoakOptions): Promise<SoakDocument> {
  const own = ['--session-timeout-ms', String(SESSION_TIMEOUT_MS), '--load-line-ms', String(LEAST_SAMPLE_MS)];
  const workerFlags = [...own, ...options.workerFlags];
  const nodeFlags = options.collectEveryMinutes === null ? [] : ['--expose-gc', '--import', COLLECT];
  return withFleet({ ...options, name: 'soak', from: 'beginning', workerFlags, nodeFlags }, (connections, signal) =>
    measure({ ...options, signal }, connections),
  );
}

async function measure(options: SoakOptions, { sender, reader, fleet }: FleetConnections): Promise<SoakDocument> {
  const { pool, rate, minutes, warmUpMinutes, collectEveryMinutes, deadlineMs, say, signal } = options;
  const { now } = systemClock;
  const lengthMs = minutes * 60_000;
  const warmUpMs = warmUpMinutes * 60_000;
  const frames = Math.round((rate * (warmUpMs + lengthMs)) / 1000);
  await Promise.all([sender.start(), fleet.ready(options.partitions)]);
  const from = now();
  const answers = new FirstAnswers(from);
  let lastRecordAt = from;
  let failure: Error | null = null;
  await reader.start({
    records(records: readonly ReceivedRecord[]) {
      lastRecordAt = now();
      for (const { result } of records) if (result !== null) answers.received(result, lastRecordAt);
    },
    failed: (error) => {
      failure = error;
    },
  });
  const rebalancesBefore = rebalances(fleet);
  const sampleEveryMs = Math.max(LEAST_SAMPLE_MS, Math.round(lengthMs / SAMPLES));
  const sampling = sampleWorkers(
    fleet.workers,
    sampleEveryMs,
    collectEveryMinutes && collectEveryMinutes * 60_000,
    now,
  );
  say(`Sending ${frames} frames at ${rate}/s for ${warmUpMinutes} + ${minutes} minutes …`);
  try {
    await sendPaced(firstOf(pool, frames), {
      sender,
      arrivals: new Arrivals(options.seed, now()),
      rate,
      now,
      toRecord(frame, dueAt) {
        answers.wasSent(frame.id, dueAt);
        return frameRecordOf(frame, { ...ASK_NOTHING, deadlineMs }, dueAt);
      },
      sent: (total) => options.progress(total, frames),
      signal,
    });
  } finally {
    sampling.stop();
  }
  const heartbeatsMissed = rebalances(fleet) - rebalancesBefore;
  lastRecordAt = Math.max(lastRecordAt, now());
  while (answers.missing.length > 0 && failure === null && now() - lastRecordAt < SILENCE_MS)
    await pause(LOOK_EVERY_MS);
  if (failure !== null) throw failure;
  signal.throwIfAborted();
  const trends = sampling.samples.map((samples) =>
    workerTrends(samples, from + warmUpMs, collectEveryMinutes !== null),
  );
  return {
    ...{
      minutes,
      warmUpMinutes,
      rate,
      collectEveryMinutes,
      frames: answers.sent,
      ended: answers.ended,
      unanswered: answers.unanswered,
    },
    lost: answers.missing.length,
    ...{ heartbeatsMissed, sessionTimeoutMs: SESSION_TIMEOUT_MS, perMinute: answers.minutes() },
    workers: trends.map((trend, i) => ({
      ...{ engine: fleet.workers[i]?.state.engine ?? null, ...trend },
      rssMbByMinute: rssMbByMinute(sampling.samples[i] ?? [], from),
    })),
    sampleEveryMs,
    ...verdictOf(trends),
    services: options.services.how,
  };
}

function rebalances({ workers }: Fleet): number {
  return workers.reduce((sum, { state }) => sum + state.rebalances, 0);
}

/** The first `count` frames to send. */
async function* firstOf(pool: FramePool, count: number) {
  for (let n = 0; n < count; n++) yield pool.at(n);
}
