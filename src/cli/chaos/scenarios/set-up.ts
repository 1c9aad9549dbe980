// What every scenario needs: workers on fresh topics, the watcher on them, an account. All of it ends with the scenario.
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../../adapters/system/clock.ts';
import type { ReceivedRecord } from '../../../ports.ts';
import type { FramePool } from '../../frame-pool.ts';
import { Account } from '../account.ts';
import type { ChaosServices } from '../chaos-services.ts';
import type { LogLine } from '../chaos-worker.ts';
import { type Crew, startCrew } from '../crew.ts';
import { feed } from '../feed.ts';
import { type Field, openField } from '../field.ts';
import type { Span } from '../judge.ts';
import { tellLives } from '../life-of-frame.ts';
import { type FrameMaker, frameMaker } from '../make-frame.ts';
import { brokenAnswers } from '../promises.ts';
import { startWatcher, type Watcher } from '../watcher.ts';

export interface ScenarioOptions {
  readonly services: ChaosServices;
  readonly pool: FramePool;
  readonly stages: number;
  readonly frames: number;
  readonly seed: number;
  /** Frames a second, where the scenario streams. */
  readonly rate: number;
  readonly sessionTimeoutMs: number;
  /** How long the slow frame takes. */
  readonly slowMs: number;
  readonly workerFlags: readonly string[];
  readonly logFolder: string | null;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface Scene {
  readonly field: Field;
  readonly crew: Crew;
  readonly account: Account;
  readonly watcher: Watcher;
  readonly make: FrameMaker;
  /**
   * Sends frames at `pace` a second, null = all at once, or as it says how many are due after so many ms, until all are acknowledged or the
   * signal; good ones unless told otherwise.
   */
  send(
    pace: number | null | ((ms: number) => number),
    signal?: AbortSignal,
    record?: (n: number, at: number) => ReturnType<FrameMaker['record']>,
    isPoisonous?: (n: number) => boolean,
  ): Promise<void>;
  /** Waits until no more than so many frames are open; false when nothing was read for too long. */
  untilOpen(atMost: number): Promise<boolean>;
  /** Redis lost what it knew then: what that may cost is no fault of the workers. */
  redisWasWiped(span: Span): void;
  /** All frames ended as promised, none was refused, and no worker fell, by all that stands on the topics now. */
  isWhole(): Promise<boolean>;
}

export interface SceneOptions {
  readonly workers: number;
  readonly partitions: number;
  readonly flags?: readonly string[];
  readonly heard?: (name: string, line: LogLine) => void;
  readonly seen?: (record: ReceivedRecord) => void;
  /** A worker ended without having been told to. */
  readonly fell?: () => void;
}

/** Until the workers' code is compiled, and their latency models and the fleet's depth limit have found their places. */
export const RUN_UP_MS = 30_000;
const SILENCE_MS = 60_000;
const LOOK_EVERY_MS = 5;
const DRAIN_WITHIN_MS = 30_000;

/** Gives the scene to `use` once its workers are ready, and clears it away after. */
export async function withScene<T>(
  options: ScenarioOptions,
  { workers, partitions, flags = [], heard = () => {}, seen = () => {}, fell = () => {} }: SceneOptions,
  use: (scene: Scene) => Promise<T>,
): Promise<T> {
  const { services, say, frames, seed, signal } = options;
  const { now } = systemClock;
  let falls = 0;
  const wipes: Span[] = [];
  const field = await openField(services, partitions, 'straight');
  const session = ['--session-timeout-ms', String(options.sessionTimeoutMs)];
  const crew = startCrew({
    ...{ workers, standby: 0, slowDecodeMs: options.slowMs, logFolder: options.logFolder, heard },
    flags: [...field.workerFlags, ...session, ...options.workerFlags, ...flags],
    ended({ name }, how, { lastLines }) {
      if (how !== 'fell') return;
      falls += 1;
      fell();
      say(`${name} fell:\n    ${lastLines.slice(-4).join('\n    ')}`);
    },
  });
  let watcher: Watcher | null = null;
  try {
    say(`Starting ${workers} workers on ${partitions} partitions …`);
    await crew.ready();
    const startAt = now();
    const account = new Account(frames, startAt, options.stages);
    const started = await startWatcher({ brokers: services.brokers, topics: field.topics, account, say, seen });
    watcher = started;
    const make = await frameMaker(options.pool, seed);
    const result = await use({
      ...{ field, crew, account, make, watcher: started },
      send: async (pace, until = signal, record = (n, at) => make.record(n, null, at), isPoisonous = () => false) =>
        await feed({
          ...{
            frames,
            account,
            now,
            record,
            isPoisonous,
            sender: field.sender,
            startAt: now(),
            signal: AbortSignal.any([signal, until]),
          },
          dueBy(ms) {
            if (pace === null) return frames;
            return Math.min(frames, typeof pace === 'number' ? Math.floor((ms * pace) / 1000) : pace(ms));
          },
          progress: () => {},
        }),
      async untilOpen(atMost) {
        const since = now();
        while (account.open > atMost && !signal.aborted) {
          if (now() - Math.max(since, started.lastAt) > SILENCE_MS) return false;
          await pause(LOOK_EVERY_MS);
        }
        return !signal.aborted;
      },
      redisWasWiped: (span) => void wipes.push(span),
      async isWhole() {
        if (!(await started.readAll())) return false;
        const summary = account.summary(wipes);
        return summary.lost + brokenAnswers(summary) + summary.goodDeadLettered + account.strangers + falls === 0;
      },
    });
    const { goodDeadLettered, poisonousNotDeadLettered, ...wrong } = account.wrong(wipes);
    if (!signal.aborted) await tellLives({ wrong, brokers: services.brokers, field, injected: [], startAt, seed, say });
    return result;
  } finally {
    await Promise.allSettled([crew.stop(DRAIN_WITHIN_MS), field.sender.stop(), watcher?.stop()]);
  }
}
