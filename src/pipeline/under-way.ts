// The stage batches in the engine's hands: the first runs, the others follow it without a gap; and when the engine will be done with them.
import type { StageBatch } from '../core/scheduler.ts';
import type { Clock } from '../ports.ts';

/** A stage batch handed over. */
export interface Run extends StageBatch {
  readonly expectedMs: number;
  /** It was handed over only because what is predicted is doubted (core/latency-model.ts). */
  readonly isTry: boolean;
  /** True when it came to nothing by no doing of its own: the run before it crashed the engine, or the engine never began it. */
  goesAlong: boolean;
}

export class UnderWay {
  readonly #clock: Clock;
  readonly #runs: Run[] = [];
  /** When the engine will be done with them, as predicted, epoch ms. */
  #freeAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get runs(): readonly Run[] {
    return this.#runs;
  }

  begin(run: Run): void {
    this.#runs.push(run);
    this.#freeAt = Math.max(this.#freeAt, this.#clock.now()) + run.expectedMs;
  }

  /** It is over, or was refused: the next one, if any, has the engine now. */
  end(run: Run): void {
    this.#runs.splice(this.#runs.indexOf(run), 1);
    this.#freeAt = this.#clock.now() + this.#expectedMs();
  }

  /**
   * Work that the engine has ahead of it, as predicted, ms; below 0 when it should be done. While the first one takes longer than predicted that runs
   * down all the same: where predictions are that far out the next may take less, and the engine is not to wait for this thread.
   */
  aheadMs(): number {
    const now = this.#clock.now();
    this.#freeAt = Math.min(this.#freeAt, now + this.#expectedMs()); // the clock may have been set back
    return this.#freeAt - now;
  }

  #expectedMs(): number {
    return this.#runs.reduce((ms, { expectedMs }) => ms + expectedMs, 0);
  }
}
