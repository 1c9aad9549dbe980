// Redis is killed in the middle of a burst: whether answers pause, and what becomes of the throughput. The burst is paced: where frames come
// as fast as they can be answered, Kafka, the workers and whatever else shares the machine make answers pause for longer than is asked here,
// with Redis or without.
import { setTimeout as pause } from 'node:timers/promises';
import type { ReceivedRecord } from '../../../ports.ts';
import { type Flow, flowOf } from '../flow.ts';
import { busyShare, type ProcessorTimes, processorTimes } from '../machine-busy.ts';
import { RUN_UP_MS, type ScenarioOptions, withScene } from './set-up.ts';

export interface RedisKilledDocument {
  readonly scenario: 'redis-killed';
  readonly frames: number;
  /** Frames a second in the burst. */
  readonly rate: number;
  /** Looked at before and after the kill. */
  readonly windowMs: number;
  readonly before: Window;
  readonly after: Window;
  /** After over before, of first answers and of all records. */
  readonly throughputRatio: number;
  readonly recordsRatio: number;
  /** The burst went on for longer than both windows: else there were too few frames to tell. */
  readonly isLongEnough: boolean;
  readonly lost: number;
  readonly isPassed: boolean;
}

/** Of all records the flow; of first answers how many a second; how busy the machine was, 0 … 1 (a full one makes pauses by itself). */
interface Window extends Flow {
  readonly firstAnswersPerSecond: number;
  readonly machineBusy: number;
}

const WINDOW_MS = 6000;
const AWAY_MS = WINDOW_MS + 1000;
/** The burst lasts for so long unless told otherwise, s. */
export const REDIS_KILLED_BURST_S = (RUN_UP_MS + 2 * WINDOW_MS + 2000) / 1000;
const LEAST_RATIO = 0.95;
const LONGEST_PAUSE_MS = 100;

export async function redisKilled(options: ScenarioOptions): Promise<RedisKilledDocument> {
  const { rate, say, services } = options;
  const publishedAt: number[] = [];
  const seen = ({ result }: ReceivedRecord) => void (result !== null && publishedAt.push(result.publishedAt));
  return await withScene(
    options,
    { workers: 2, partitions: 4, seen },
    async ({ account, send, untilOpen, redisWasWiped, isWhole }) => {
      const sending = send(rate);
      await pause(RUN_UP_MS);
      const atStart = processorTimes();
      await pause(WINDOW_MS);
      say('Redis is killed');
      const killedAt = Date.now();
      const atKill = processorTimes();
      const atEnd = pause(WINDOW_MS).then(processorTimes);
      await services.restartRedis(AWAY_MS);
      redisWasWiped({ from: killedAt, to: Date.now() });
      await sending;
      await untilOpen(0);
      const firstAt = Array.from({ length: options.frames }, (_, n) => account.firstAnswerAt(n) ?? 0);
      const window = (from: number, ...times: [ProcessorTimes, ProcessorTimes]): Window => ({
        ...flowOf(publishedAt, from, from + WINDOW_MS),
        firstAnswersPerSecond: flowOf(firstAt, from, from + WINDOW_MS).perSecond,
        machineBusy: busyShare(...times),
      });
      const before = window(killedAt - WINDOW_MS, atStart, atKill);
      const after = window(killedAt, atKill, await atEnd);
      const { frames, lost } = account.summary([]);
      const throughputRatio = ratio(after.firstAnswersPerSecond, before.firstAnswersPerSecond);
      const recordsRatio = ratio(after.perSecond, before.perSecond);
      const isLongEnough = firstAt.some((at) => at > killedAt + WINDOW_MS);
      const isPassed =
        (await isWhole()) && throughputRatio >= LEAST_RATIO && after.longestPauseMs <= LONGEST_PAUSE_MS && isLongEnough;
      const told = { before, after, throughputRatio, recordsRatio, isLongEnough, lost, isPassed };
      return { scenario: 'redis-killed', frames, rate, windowMs: WINDOW_MS, ...told };
    },
  );
}

const ratio = (after: number, before: number) => Math.round((after / Math.max(1, before)) * 1000) / 1000;
