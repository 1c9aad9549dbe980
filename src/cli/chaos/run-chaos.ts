// A chaos run: frames stream, faults come by the schedule, the watcher accounts for every frame; one document.
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../adapters/system/clock.ts';
import type { FramePool } from '../frame-pool.ts';
import { Account, type Summary } from './account.ts';
import { AwaySpans } from './away-spans.ts';
import type { ChaosServices } from './chaos-services.ts';
import { type Crew, startCrew } from './crew.ts';
import { feed } from './feed.ts';
import { type Field, openField } from './field.ts';
import { createInjector } from './inject.ts';
import { tellLives } from './life-of-frame.ts';
import { dueBy } from './load-shape.ts';
import { frameMaker } from './make-frame.ts';
import { type Poison, poisonedFrames } from './poison.ts';
import { brokenPromises, duplicateLimitOf } from './promises.ts';
import { recoveries, recoveryPercentiles } from './recovery.ts';
import { watchResidentMemory } from './resident-memory.ts';
import { type FaultKind, faultSchedule } from './schedule.ts';
import { startWatcher, type Watcher } from './watcher.ts';
import { WorkerNews } from './worker-news.ts';

export interface ChaosOptions {
  readonly services: ChaosServices;
  readonly pool: FramePool;
  readonly stages: number;
  readonly frames: number;
  readonly durationMs: number;
  readonly workers: number;
  readonly partitions: number;
  readonly seed: number;
  readonly kinds: readonly FaultKind[];
  readonly everyMs: number;
  readonly sessionTimeoutMs: number;
  readonly poisons: readonly Poison[];
  readonly poisonShare: number;
  readonly poisonOfEach: number;
  readonly workerFlags: readonly string[];
  /** Of the workers' logs, every frame in them; null = none are kept. */
  readonly logFolder: string | null;
  readonly say: (line: string) => void;
  readonly progress: (sent: number, of: number) => void;
  readonly signal: AbortSignal;
}

type WhileAway = 'regressionsWhileAway' | 'answersAfterFinalWhileAway' | 'unlikeFinalsWhileAway';

export interface ChaosDocument extends Omit<Summary, WhileAway | 'shares'> {
  readonly regressionsWhileRedisAway: number;
  readonly answersAfterFinalWhileRedisAway: number;
  readonly unlikeFinalsWhileRedisAway: number;
  readonly redisAwayMs: number;
  readonly duplicateShares: Summary['shares'];
  /** What each of these shares may be at most with the kinds of faults there were; null = nothing is promised of them. */
  readonly duplicateLimit: number | null;
  readonly poisonous: Partial<Record<Poison, number>>;
  readonly faults: Partial<Record<FaultKind, number>>;
  readonly recoveryMs: { readonly p50: number | null; readonly p99: number | null };
  readonly maxRssBytes: number | null;
  /** Workers that ended without having been told to, and those that were told to drain and did not end with 0. */
  readonly fell: number;
  readonly drainsFailed: number;
  /** Stage runs that failed, those that only went along with a crash included. */
  readonly failedRuns: number;
  /** Records of frames that were never sent. */
  readonly strangers: number;
  /** From the first frame sent to the last record read. */
  readonly framesPerSecond: number;
  /** From the first frame to the end of the run. */
  readonly seconds: number;
  readonly isPassed: boolean;
}

/** Nothing read for so many session timeouts and so long while frames are open: they are lost. Members are given up, join, start. */
const SILENT_SESSIONS = 2;
const SILENCE_MS = 20_000;
/** A frame that kills its workers may be the last that is open: so many die of it one after another, and nothing is read meanwhile. */
const DEATHS_IN_SILENCE = 2;
const DRAIN_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 50;
/** One more than are toggled at a time: each needs a second to load the program. */
const STANDBY = 4;

/** Errors: what the services and the workers run into at the start. */
export async function runChaos(options: ChaosOptions): Promise<ChaosDocument> {
  const { services, frames, say, signal, seed, kinds } = options;
  const { now } = systemClock;
  const field = await openField(services, options.partitions, 'doors');
  const away = new AwaySpans();
  const news = new WorkerNews(away, now, say);
  const flags = [
    ...field.workerFlags,
    '--session-timeout-ms',
    String(options.sessionTimeoutMs),
    ...(options.logFolder === null ? [] : ['--log-level', 'debug']),
    ...options.workerFlags,
  ];
  const { workers, logFolder } = options;
  const standby = kinds.includes('toggle') ? STANDBY : 0;
  const crew = startCrew({ workers, standby, flags, slowDecodeMs: 0, logFolder, heard: news.heard, ended: news.ended });
  const memory = watchResidentMemory(() => crew.workers.map(({ pid }) => pid));
  let watcher: Watcher | null = null;
  try {
    say(`Starting ${options.workers} workers on ${options.partitions} partitions …`);
    await crew.ready();
    const poisoned = poisonedFrames({ ...options, share: options.poisonShare, ofEach: options.poisonOfEach });
    const make = await frameMaker(options.pool, seed);
    const startAt = now();
    const account = new Account(frames, startAt, options.stages);
    watcher = await startWatcher({ brokers: services.brokers, topics: field.topics, account, say });
    const injector = createInjector({ services, crew, away, now, say: (line) => say(told(now() - startAt, line)) });
    const faults = faultSchedule({ ...options, kinds });
    say(`${frames} frames in ${Math.round(options.durationMs / 1000)} s, ${faults.length} faults, seed ${seed}`);
    await Promise.all([
      injector.run(faults, startAt, signal),
      feed({
        ...{ frames, startAt, account, now, signal, sender: field.sender, progress: options.progress },
        dueBy: (ms) => dueBy(ms, frames, options.durationMs),
        record: (n, at) => make.record(n, poisoned.get(n) ?? null, at),
        isPoisonous: (n) => poisoned.has(n),
      }),
    ]);
    const deaths = [...poisoned.values()].includes('kills-worker') ? DEATHS_IN_SILENCE : 0;
    const silenceMs = (1 + deaths) * (SILENCE_MS + SILENT_SESSIONS * options.sessionTimeoutMs);
    await allEnded(account, watcher, silenceMs, signal);
    const { lastAt } = watcher;
    say('The workers drain …');
    await crew.stop(DRAIN_WITHIN_MS);
    const isAllRead = await watcher.readAll();
    const spans = away.wipes;
    const { injected } = injector;
    await tellLives({ wrong: account.wrong(spans), brokers: services.brokers, field, injected, startAt, seed, say });
    const all = account.summary(spans);
    const { shares, regressionsWhileAway, answersAfterFinalWhileAway, unlikeFinalsWhileAway, ...summary } = all;
    const ms = recoveries(
      account,
      injected.map(({ at }) => at),
      frames,
    );
    const broken = brokenPromises({
      ...{ wanted: frames, summary: all, isAllRead, kinds, strangers: account.strangers },
      ...{ fell: news.falls, drainsFailed: news.drainsFailed, poisons: [...poisoned.values()] },
    });
    broken.forEach(say);
    return {
      ...summary,
      regressionsWhileRedisAway: regressionsWhileAway,
      answersAfterFinalWhileRedisAway: answersAfterFinalWhileAway,
      unlikeFinalsWhileRedisAway: unlikeFinalsWhileAway,
      redisAwayMs: Math.round(away.totalMs(now())),
      duplicateShares: shares,
      duplicateLimit: duplicateLimitOf(kinds),
      poisonous: countOf(poisoned.values()),
      faults: injector.counts(),
      recoveryMs: recoveryPercentiles(ms),
      maxRssBytes: memory.maxBytes,
      fell: news.falls,
      drainsFailed: news.drainsFailed,
      failedRuns: news.failedRuns,
      strangers: account.strangers,
      framesPerSecond: Math.round((summary.frames * 1e5) / Math.max(1, lastAt - startAt)) / 100,
      seconds: Math.round((now() - startAt) / 100) / 10,
      isPassed: broken.length === 0,
    };
  } finally {
    memory.stop();
    await endAll(crew, field, watcher);
  }
}

async function allEnded(account: Account, watcher: Watcher, silenceMs: number, signal: AbortSignal): Promise<void> {
  const since = Date.now();
  const isSilent = () => Date.now() - Math.max(since, watcher.lastAt) > silenceMs;
  while (account.open > 0 && !isSilent() && !signal.aborted) await pause(LOOK_EVERY_MS);
}

async function endAll(crew: Crew, field: Field, watcher: Watcher | null): Promise<void> {
  await Promise.allSettled([crew.stop(DRAIN_WITHIN_MS), field.sender.stop(), watcher?.stop()]);
}

function countOf(poisons: Iterable<Poison>): Partial<Record<Poison, number>> {
  const counts: Partial<Record<Poison, number>> = {};
  for (const poison of poisons) counts[poison] = (counts[poison] ?? 0) + 1;
  return counts;
}

const told = (ms: number, line: string) => `${(ms / 1000).toFixed(1).padStart(6)} s  ${line}`;
