// DepthStore on Redis: the samples of the living workers and the depth limit of the fleet, under one hash tag.
import type { LoadSample } from '../../core/load.ts';
import { AnytimeError } from '../../errors.ts';
import type { DepthStore } from '../../ports.ts';
import { callScript, DEFAULT_KEY_PREFIX, RedisConnection, type RedisStoreOptions } from './connection.ts';
import { readLoad } from './scripts/read-load.ts';
import { reportLoad } from './scripts/report-load.ts';

export class RedisDepthStore implements DepthStore {
  readonly #redis: RedisConnection;
  readonly #limitKey: string;
  readonly #sampleKeys: readonly [ends: string, samples: string];

  constructor(options: RedisStoreOptions) {
    this.#redis = new RedisConnection(options, [reportLoad, readLoad]);
    const prefix = `${options.keyPrefix ?? DEFAULT_KEY_PREFIX}:{depth}`;
    this.#limitKey = `${prefix}:limit`;
    this.#sampleKeys = [`${prefix}:ends`, `${prefix}:samples`];
  }

  start(): Promise<void> {
    return this.#redis.start();
  }

  async report(sample: LoadSample, ttlMs: number): Promise<void> {
    await this.#redis.pipeline((pipeline) => {
      callScript(pipeline, reportLoad, ...this.#sampleKeys, sample.workerId, JSON.stringify(sample), Math.ceil(ttlMs));
    });
  }

  async samples(): Promise<LoadSample[]> {
    const [texts] = await this.#redis.pipeline((pipeline) => callScript(pipeline, readLoad, ...this.#sampleKeys));
    return (texts as string[]).map(parseSample).filter((sample) => sample !== null);
  }

  async depthLimit(): Promise<number | null> {
    const [text] = await this.#redis.pipeline((pipeline) => pipeline.get(this.#limitKey));
    const limit = Number(text);
    return Number.isInteger(limit) && limit >= 1 ? limit : null; // whatever else an operator wrote is no limit
  }

  async setDepthLimit(limit: number | null): Promise<void> {
    if (limit !== null && !(Number.isInteger(limit) && limit >= 1)) {
      throw new AnytimeError('bad-argument', `Expected the depth limit to be a stage from 1 on, or null, got ${limit}`);
    }
    await this.#redis.pipeline((pipeline) => {
      if (limit === null) pipeline.del(this.#limitKey);
      else pipeline.set(this.#limitKey, limit);
    });
  }

  stop(): Promise<void> {
    return this.#redis.stop();
  }
}

/** Null for what another version of the worker wrote and this one can't read. */
function parseSample(text: string): LoadSample | null {
  try {
    const { workerId, at, arrivalsPerSecond, queueDelayMs, utilisation, refinementDebt } = JSON.parse(text);
    const figures = [at, arrivalsPerSecond, queueDelayMs, utilisation, refinementDebt];
    if (typeof workerId !== 'string' || !figures.every((figure) => typeof figure === 'number')) return null;
    return { workerId, at, arrivalsPerSecond, queueDelayMs, utilisation, refinementDebt };
  } catch {
    return null;
  }
}
