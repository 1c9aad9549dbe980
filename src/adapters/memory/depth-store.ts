// DepthStore in memory: the load of each worker, forgotten when its time to live is over, and the depth limit of the fleet.
import type { LoadSample } from '../../core/load.ts';
import { AnytimeError } from '../../errors.ts';
import type { Clock, DepthStore } from '../../ports.ts';

export class MemoryDepthStore implements DepthStore {
  readonly #clock: Clock;
  readonly #samples = new Map<string, { sample: LoadSample; expiresAt: number }>();
  #limit: number | null = null;
  #isStopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async start(): Promise<void> {}

  async report(sample: LoadSample, ttlMs: number): Promise<void> {
    this.#expectRunning();
    this.#samples.set(sample.workerId, { sample, expiresAt: this.#clock.now() + ttlMs });
  }

  async samples(): Promise<LoadSample[]> {
    this.#expectRunning();
    const now = this.#clock.now();
    for (const [id, { expiresAt }] of this.#samples) if (expiresAt <= now) this.#samples.delete(id);
    return [...this.#samples.values()].map(({ sample }) => sample);
  }

  async depthLimit(): Promise<number | null> {
    this.#expectRunning();
    return this.#limit;
  }

  async setDepthLimit(limit: number | null): Promise<void> {
    this.#expectRunning();
    if (limit !== null && !(Number.isInteger(limit) && limit >= 1)) {
      throw new AnytimeError('bad-argument', `Expected the depth limit to be a stage from 1 on, or null, got ${limit}`);
    }
    this.#limit = limit;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
  }

  #expectRunning(): void {
    if (this.#isStopped) throw new AnytimeError('stopped', 'Expected calls before the depth store is stopped');
  }
}
