// BudgetStore on Redis: one hash per frame, one script per transition, all frames of a call on one pipeline.
import type { ChainableCommander } from 'ioredis';
import {
  type Acknowledged,
  type BudgetStore,
  type FrameProgress,
  type RecordEntry,
  UNBEGUN_TTL_MS,
} from '../../ports.ts';
import { callScript, DEFAULT_KEY_PREFIX, RedisConnection, type RedisStoreOptions } from './connection.ts';
import { acknowledgeStage } from './scripts/acknowledge-stage.ts';
import { beginFrame } from './scripts/begin-frame.ts';
import { giveBackFrame } from './scripts/give-back-frame.ts';
import { recordStage } from './scripts/record-stage.ts';
import { rememberSince } from './scripts/remember-since.ts';

/** Of what the store says of itself; renewed while frames come. */
const REMEMBERED_MS = 30 * 86_400_000;
/** More than anybody counts. */
const EVERY_ATTEMPT = 1e9;

export interface BudgetStoreOptions extends RedisStoreOptions {
  /** How long Redis keeps what the store says of itself, ms. */
  readonly rememberedMs?: number;
}

type Progress = [
  spent: string | null,
  attempts: string,
  stage: string | null,
  answer: string | null,
  final: string | null,
  acknowledgedStage: string | null,
  acknowledged: string | null,
];

export class RedisBudgetStore implements BudgetStore {
  readonly #redis: RedisConnection;
  readonly #prefix: string;
  readonly #rememberedMs: number;
  #since: number | null = null;

  constructor(options: BudgetStoreOptions) {
    const scripts = [beginFrame, giveBackFrame, recordStage, acknowledgeStage, rememberSince];
    this.#redis = new RedisConnection(options, scripts);
    this.#prefix = options.keyPrefix ?? DEFAULT_KEY_PREFIX;
    this.#rememberedMs = options.rememberedMs ?? REMEMBERED_MS;
  }

  async start(): Promise<void> {
    await this.#redis.start();
    await this.#calls(() => {}).catch(() => {}); // a Redis that is away is told later
  }

  remembersSince(): number | null {
    return this.#since;
  }

  async begin(frameIds: readonly string[], ttlMs: number, countUpTo = EVERY_ATTEMPT): Promise<FrameProgress[]> {
    const replies = await this.#calls((pipeline) => {
      for (const id of frameIds) callScript(pipeline, beginFrame, this.#key(id), Math.ceil(ttlMs), countUpTo);
    });
    return (replies as Progress[]).map(([spent, attempts, stage, answer, final, acknowledgedStage, acknowledged]) => ({
      spent: Number(spent ?? 0),
      attempts: Number(attempts),
      stage: Number(stage ?? 0),
      answer,
      isFinal: final === '1',
      acknowledgedStage: Number(acknowledgedStage ?? 0),
      isAcknowledged: acknowledged === '1',
    }));
  }

  async giveBack(frames: readonly { readonly frameId: string; readonly attempts: number }[]): Promise<void> {
    await this.#redis.pipeline((pipeline) => {
      for (const { frameId, attempts } of frames) callScript(pipeline, giveBackFrame, this.#key(frameId), attempts);
    });
  }

  async record(entries: readonly RecordEntry[]): Promise<boolean[]> {
    const replies = await this.#calls((pipeline) => {
      for (const { frameId, stage, cost, epoch, exit, answer, costSoFar } of entries) {
        const values = [stage, cost, epoch, exit ?? '', answer === null ? '0' : '1', answer ?? '', UNBEGUN_TTL_MS];
        callScript(pipeline, recordStage, this.#key(frameId), ...values, costSoFar ?? '');
      }
    });
    return replies.map((reply) => reply === 1);
  }

  async acknowledge(acknowledged: readonly Acknowledged[]): Promise<void> {
    await this.#redis.pipeline((pipeline) => {
      for (const { frameId, stage, isFinal } of acknowledged)
        callScript(pipeline, acknowledgeStage, this.#key(frameId), stage, isFinal ? '1' : '0');
    });
  }

  stop(): Promise<void> {
    return this.#redis.stop();
  }

  /** Replies to what `queue` calls; after it the store says since when it remembers. */
  async #calls(queue: (pipeline: ChainableCommander) => void): Promise<unknown[]> {
    const replies = await this.#redis.pipeline((pipeline) => {
      queue(pipeline);
      callScript(pipeline, rememberSince, `${this.#prefix}:{remembers}`, this.#rememberedMs);
    });
    this.#since = Number(replies.pop());
    return replies;
  }

  #key(frameId: string): string {
    return `${this.#prefix}:frame:{${frameId}}`;
  }
}
