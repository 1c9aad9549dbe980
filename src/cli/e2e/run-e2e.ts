// An end-to-end run: real Kafka and Redis, fresh topics, worker processes; every frame sent through Kafka, every answer read back.
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../adapters/system/clock.ts';
import type { Services } from '../../adapters/system/services/services.ts';
import type { RunDocument } from '../../evaluation/run-document.ts';
import { RunScore } from '../../evaluation/run-score.ts';
import { retry } from '../../pipeline/retry.ts';
import type { ReceivedRecord } from '../../ports.ts';
import { Arrivals } from '../arrivals.ts';
import { frameIdOf } from '../frame-id.ts';
import type { FramePool } from '../frame-pool.ts';
import { ASK_NOTHING, frameRecordOf } from '../frame-record-of.ts';
import { sendPaced } from '../send-paced.ts';
import { type Account, accountFor } from './account.ts';
import { createCapacityProbe } from './probe-capacity.ts';
import { type FleetConnections, withFleet } from './with-fleet.ts';
import { busyShares, engineUses, type WorkerUse } from './worker-use.ts';

export interface E2eOptions {
  readonly services: Services;
  readonly pool: FramePool;
  /** Frames to send; more than the pool has go round it. */
  readonly frames: number;
  readonly workers: number;
  readonly partitions: number;
  /** Frames a second; null = `load` times what full depth can hold. */
  readonly rate: number | null;
  readonly load: number;
  readonly deadlineMs: number | null;
  /** Null = the bundle's. */
  readonly minConfidence: number | null;
  readonly seed: number;
  /** Flags of every worker besides addresses and topics. */
  readonly workerFlags: readonly string[];
  readonly say: (line: string) => void;
  readonly progress: (sent: number, of: number) => void;
  readonly signal: AbortSignal;
}

export interface E2eDocument extends RunDocument, Account {
  readonly workers: readonly WorkerUse[];
  /** Over all workers: share of the time in which frames waited that the engine computed. */
  readonly busyShare: number | null;
  readonly partitions: number;
  readonly deadlineMs: number | null;
  readonly minConfidence: number | null;
  /** Frames a second that were due. */
  readonly rate: number;
  /** What full depth can hold, as found in this run; null where the rate was given. */
  readonly capacityFramesPerSecond: number | null;
  readonly load: number | null;
  readonly services: string;
}

/** Nothing at all received for so long: what is missing is lost, ms. */
const SILENCE_MS = 30_000;
/** After the workers left, for records still on their way to the reader: duplicates would show now, ms. */
const LAST_RECORDS_MS = 500;
const LOOK_EVERY_MS = 20;
const READER_STARTS_WITHIN_MS = 15_000;

/** Errors: what the services, the workers and Kafka run into; `stopped` on the signal. */
export async function runE2e(options: E2eOptions): Promise<E2eDocument> {
  // Deadlines and thresholds come with each frame, so that one fleet serves the probe and the run.
  const workerFlags = ['--deadline-ms', 'none', '--load-line-ms', '250', ...options.workerFlags];
  return withFleet({ ...options, name: 'e2e', from: 'now', workerFlags }, (connections, signal) =>
    measure({ ...options, signal }, connections),
  );
}

async function measure(options: E2eOptions, { topics, sender, reader, fleet }: FleetConnections): Promise<E2eDocument> {
  const { pool, say, signal, workers, deadlineMs, minConfidence } = options;
  const { now } = systemClock;
  const score = new RunScore();
  const probe = createCapacityProbe({ pool, sender, workers, now, signal });
  let lastRecordAt = now();
  let failure: Error | null = null;
  const take = (record: ReceivedRecord) => {
    const { result } = record;
    if (result !== null && score.frame(result.id) === undefined) return probe.received(result);
    if (result !== null) score.received(result, record.topic === topics.coarse ? 'coarse' : 'refined', now());
    else if (record.topic === topics.deadLetters) score.deadLettered(frameIdOf(record));
  };
  const handlers = {
    records(records: readonly ReceivedRecord[]) {
      lastRecordAt = now();
      records.forEach(take);
    },
    failed: (error: Error) => {
      failure = error;
    },
  };
  // A topic just made may have no leader for a moment.
  const giveUpAt = now() + READER_STARTS_WITHIN_MS;
  const isGivenUp = () => signal.aborted || now() > giveUpAt;
  await retry('read', () => reader.start(handlers), { clock: systemClock, events: { emit: () => {} }, isGivenUp });
  await sender.start();
  await fleet.ready(options.partitions);
  const engine = fleet.workers[0]?.state.engine ?? null;
  say(`Ready: ${engine}.`);

  let capacity: number | null = null;
  if (options.rate === null) {
    say('Finding what full depth can hold …');
    capacity = await probe.run();
    say(`Full depth can hold ${capacity.toFixed(1)} frames/s.`);
  }
  const rate = options.rate ?? options.load * Math.max(1, capacity ?? 1);
  say(`Sending ${options.frames} frames at ${rate.toFixed(1)}/s …`);
  const before = engineUses(fleet.workers);
  await sendPaced(firstOf(pool, options.frames), {
    sender,
    arrivals: new Arrivals(options.seed, now()),
    rate,
    now,
    toRecord(frame, dueAt) {
      const deadline = deadlineMs === null ? null : Math.round(dueAt) + deadlineMs;
      score.sent({ id: frame.id, label: frame.label, dueAt, deadline });
      return frameRecordOf(frame, { ...ASK_NOTHING, deadlineMs, minConfidence }, dueAt);
    },
    sent: (total) => options.progress(total, options.frames),
    signal,
  });
  lastRecordAt = Math.max(lastRecordAt, now());
  while (score.missing().length > 0 && failure === null && now() - lastRecordAt < SILENCE_MS)
    await pause(LOOK_EVERY_MS);
  if (failure !== null) throw failure;
  signal.throwIfAborted();
  const after = engineUses(fleet.workers);
  say('All answers are there; the workers drain …');
  await fleet.stop();
  await pause(LAST_RECORDS_MS);
  return {
    ...score.document(engine),
    ...accountFor(score),
    ...busyShares(before, after),
    partitions: options.partitions,
    deadlineMs,
    minConfidence,
    rate: round(rate),
    capacityFramesPerSecond: capacity === null ? null : round(capacity),
    load: capacity === null ? null : round(rate / capacity),
    services: options.services.how,
  };
}

/** The first `count` frames to send. */
async function* firstOf(pool: FramePool, count: number) {
  for (let n = 0; n < count; n++) yield pool.at(n);
}

const round = (value: number) => Math.round(value * 100) / 100;
