// Redis is killed while the workers have all they can do: whether answers pause, and what becomes of the throughput. The burst stands on
// its topic before anything is looked at: what sends it must not take from the workers in one window and not in the other.
import { setTimeout as pause } from 'node:timers/promises';
import type { ReceivedRecord } from '../../../ports.ts';
import { flowOf } from '../flow.ts';
import { type ScenarioOptions, withScene } from './set-up.ts';

export interface RedisKilledDocument {
  readonly scenario: 'redis-killed';
  readonly frames: number;
  /** Looked at before and after the kill. */
  readonly windowMs: number;
  /** Records a second in each window, and the longest time without one. */
  readonly before: { readonly perSecond: number; readonly longestPauseMs: number };
  readonly after: { readonly perSecond: number; readonly longestPauseMs: number };
  readonly throughputRatio: number;
  /** The burst went on for longer than both windows: else there were too few frames to tell. */
  readonly isLongEnough: boolean;
  readonly lost: number;
  readonly isPassed: boolean;
}

const WINDOW_MS = 4000;
/** After the last frame was sent: the workers have the machine to themselves by then. */
const RUN_UP_MS = 2000;
const AWAY_MS = 2 * WINDOW_MS;
const LEAST_RATIO = 0.95;
const LONGEST_PAUSE_MS = 100;

export async function redisKilled(options: ScenarioOptions): Promise<RedisKilledDocument> {
  const { say, services } = options;
  const publishedAt: number[] = [];
  const seen = ({ result }: ReceivedRecord) => void (result !== null && publishedAt.push(result.publishedAt));
  return await withScene(options, { workers: 2, partitions: 4, seen }, async ({ account, send, untilOpen }) => {
    await send(null);
    await pause(RUN_UP_MS + WINDOW_MS);
    say('Redis is killed');
    const killedAt = Date.now();
    await services.restartRedis(AWAY_MS);
    await untilOpen(0);
    const before = flowOf(publishedAt, killedAt - WINDOW_MS, killedAt);
    const after = flowOf(publishedAt, killedAt, killedAt + WINDOW_MS);
    const { frames, lost } = account.summary([]);
    const throughputRatio = Math.round((after.perSecond / Math.max(1, before.perSecond)) * 1000) / 1000;
    const isLongEnough = publishedAt.some((at) => at > killedAt + WINDOW_MS);
    const isPassed =
      lost === 0 &&
      before.perSecond > 0 &&
      throughputRatio >= LEAST_RATIO &&
      after.longestPauseMs <= LONGEST_PAUSE_MS &&
      isLongEnough;
    const told = { before, after, throughputRatio, isLongEnough, lost, isPassed };
    return { scenario: 'redis-killed', frames, windowMs: WINDOW_MS, ...told };
  });
}
