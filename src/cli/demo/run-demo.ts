// The demo's run: start the embedded worker, feed it at what fits, then at more, then at what fits again, and score the answers.
import { systemClock } from '../../adapters/system/clock.ts';
import type { Config } from '../../config.ts';
import { BusyShare } from '../../evaluation/busy-share.ts';
import type { RunDocument } from '../../evaluation/run-document.ts';
import { RunScore, type ScoredFrame } from '../../evaluation/run-score.ts';
import type { Model } from '../../network/model.ts';
import type { ReceivedRecord } from '../../ports.ts';
import { Arrivals } from '../arrivals.ts';
import { frameIdOf } from '../frame-id.ts';
import type { FramePool } from '../frame-pool.ts';
import { createEmbeddedWorker, type EmbeddedWorker } from './embedded-worker.ts';
import { startFrameFeed } from './frame-feed.ts';
import { measureDecodeRate } from './measure-decode-rate.ts';
import {
  type Capacity,
  capacityOf,
  nextBurstRate,
  type Phase,
  type PhaseName,
  phaseAt,
  phasesOf,
  rateOf,
} from './phases.ts';
import { Second, type SecondRow } from './second.ts';

export interface DemoOptions {
  readonly config: Config;
  readonly model: Model;
  readonly pool: FramePool;
  readonly seconds: number;
  /** Frames a second; null = found by measuring. */
  readonly rate: number | null;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** What the demo tells while it runs. */
export interface DemoDisplay {
  ready(engine: string, capacity: Capacity): void;
  phase(name: PhaseName, rate: number): void;
  second(row: SecondRow, example: ScoredFrame | null): void;
}

/** A phase in figures, of the frames that were due in it. */
export interface PhaseRow extends Omit<SecondRow, 'second'> {
  readonly name: PhaseName;
  /** Frames a second, on average. */
  readonly rate: number;
}

export interface DemoDocument extends RunDocument {
  readonly seconds: number;
  readonly capacity: Capacity;
  readonly phases: readonly PhaseRow[];
  /** Share of the time in which frames waited that the engine computed; null when none waited. */
  readonly busyShare: number | null;
}

/** Grace time after the last frame: its deadline, and this. Then the pipeline drains, ms. */
const LAST_ANSWERS_MS = 3000;
const DRAIN_MS = 1000;
/** First answers later than about this are late where frames have no deadline, ms. */
const NO_DEADLINE_MS = 1000;

/**
 * Runs to its end, or until the signal; null when that came in the warm-up.
 * Errors: bad-bundle, engine-unavailable, and what breaks the pipeline.
 */
export async function runDemo(options: DemoOptions, display: DemoDisplay): Promise<DemoDocument | null> {
  const { config, model, pool } = options;
  const busy = new BusyShare();
  const worker = await createEmbeddedWorker(config, model, {
    emit: (event) => {
      if (event.type === 'stage-run') busy.ran(performance.now(), event.busyMs, event.queued);
    },
  });
  try {
    if (options.signal.aborted) return null;
    const decode = await measureDecodeRate(worker.decoder, pool);
    const capacity = capacityOf(worker.latency, model.stages.length, decode);
    display.ready(worker.engine, capacity);
    await worker.pipeline.start();
    if (options.signal.aborted) return null;
    const stream = await Promise.race([streamFrames(options, worker, capacity, display), worker.pipeline.broken]);
    await worker.pipeline.drain(DRAIN_MS);
    await worker.reader.stop();
    return {
      ...stream.score.document(worker.engine),
      seconds: options.seconds,
      capacity: roundedCapacity(capacity),
      phases: stream.phases,
      busyShare: busy.share(),
    };
  } finally {
    await worker.reader.stop();
    await worker.pipeline.abort();
  }
}

async function streamFrames(options: DemoOptions, worker: EmbeddedWorker, capacity: Capacity, display: DemoDisplay) {
  const { config, model, pool, seconds, seed, signal } = options;
  const score = new RunScore();
  const second = new Second();
  const phases = phasesOf(seconds * 1000, options.rate !== null);
  const perPhase = phases.map(() => new Second());
  const phaseOf = ({ dueAt }: { readonly dueAt: number }) => perPhase[phaseAt(phases, dueAt - start)];
  let start = 0;
  let example: ScoredFrame | null = null;
  let spent = 0;
  let ended = 0;

  function take(record: ReceivedRecord): void {
    const now = systemClock.now();
    if (record.result === null) {
      score.deadLettered(frameIdOf(record));
      return;
    }
    const frame = score.frame(record.result.id);
    const isFirst = frame?.firstAt === null;
    score.received(record.result, record.topic === config.coarseTopic ? 'coarse' : 'refined', now);
    if (frame === undefined) return;
    if (isFirst && frame.firstAt !== null) {
      second.firstAnswer(now - frame.dueAt);
      phaseOf(frame)?.firstAnswer(now - frame.dueAt);
    }
    if (!record.result.final) return;
    second.frameEnded(frame);
    phaseOf(frame)?.frameEnded(frame);
    if (frame.answers.size > 0) ended += 1;
    spent += record.result.spent;
    if (isBetterExample(frame, example)) example = frame;
  }

  await worker.reader.start({
    records: (records) => records.forEach(take),
    failed: () => {}, // the log in memory does not fail
  });
  start = systemClock.now();
  let phase: PhaseName = 'calm';
  let rate = 1;
  const enter = (name: PhaseName) => {
    rate = options.rate ?? rateOf(name, capacity, ended > 0 ? spent / ended : null);
    phase = name;
    display.phase(name, rate);
  };
  const stopFeed = startFrameFeed({
    pool,
    arrivals: new Arrivals(seed, start),
    rate: () => rate,
    now: () => Math.min(systemClock.now(), start + seconds * 1000),
    append: (frames) => {
      for (const frame of frames) worker.log.append(config.framesTopic, frame);
    },
    fed: (frame) => {
      const deadline = config.deadlineMs === null ? null : frame.dueAt + config.deadlineMs;
      score.sent({ ...frame, deadline });
      second.frameDue();
      phaseOf(frame)?.frameDue();
    },
  });
  let shown = 0;
  let calmDepth = model.stages.length;
  const show = () => {
    shown += 1;
    const row = second.close(shown);
    display.second(row, example);
    example = null;
    if (phase === 'calm') calmDepth = row.meanDepth ?? calmDepth;
    if (phase === 'burst') rate = nextBurstRate(rate, row, calmDepth, config.deadlineMs ?? NO_DEADLINE_MS, capacity);
  };
  const timer = setInterval(show, 1000);
  try {
    for (const { name, untilMs } of phases) {
      if (signal.aborted) break;
      enter(name);
      await waitUntil(start + untilMs, signal);
    }
    stopFeed();
    const giveUpAt = systemClock.now() + (config.deadlineMs ?? 0) + LAST_ANSWERS_MS;
    while (score.missing().length > 0 && systemClock.now() < giveUpAt && !signal.aborted) {
      await waitUntil(systemClock.now() + 50, signal);
    }
    if (!score.isEmpty) show();
  } finally {
    stopFeed();
    clearInterval(timer);
  }
  return { score, phases: phases.map((one, i) => phaseRow(one, phases[i - 1]?.untilMs ?? 0, perPhase[i])) };
}

function phaseRow({ name, untilMs }: Phase, fromMs: number, figures: Second | undefined): PhaseRow {
  const { second: _, ...row } = (figures ?? new Second()).close(0);
  return { name, rate: Math.round((row.due * 1000) / (untilMs - fromMs)), ...row };
}

/** The frame whose answers changed most tellingly: wrong first, right last, over most stages. */
function isBetterExample(frame: ScoredFrame, than: ScoredFrame | null): boolean {
  const worth = ({ answers, label }: ScoredFrame) => {
    const labels = [...answers.values()].map((answer) => answer.label);
    return (labels[0] !== labels.at(-1) && labels.at(-1) === label ? 10 : 0) + new Set(labels).size + answers.size / 10;
  };
  return frame.answers.size > 1 && (than === null || worth(frame) > worth(than));
}

function waitUntil(at: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, Math.max(0, at - systemClock.now()));
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}

function roundedCapacity({ fullDepth, firstStage, decode }: Capacity): Capacity {
  return { fullDepth: Math.round(fullDepth), firstStage: Math.round(firstStage), decode: Math.round(decode) };
}
