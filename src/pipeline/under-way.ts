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
  /** Since when the first one runs, epoch ms. */
  #since = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get runs(): readonly Run[] {
    return this.#runs;
  }

  begin(run: Run): void {
    if (this.#runs.length === 0) this.#since = this.#clock.now();
    this.#runs.push(run);
  }

  /** It is over, or was refused: the next one, if any, has the engine now. */
  end(run: Run): void {
    this.#runs.splice(this.#runs.indexOf(run), 1);
    this.#since = this.#clock.now();
  }

  /** What is left of the first one, as predicted, ms: 0 from when it takes longer. */
  headMs(): number {
    const expectedMs = this.#runs[0]?.expectedMs ?? 0;
    const leftMs = this.#since + expectedMs - this.#clock.now();
    return Math.max(0, Math.min(expectedMs, leftMs)); // the clock may have been set back
  }

  /** Work that the engine has ahead of it, as predicted, ms: those behind one that takes longer have not begun. */
  aheadMs(): number {
    return this.#runs.slice(1).reduce((ms, { expectedMs }) => ms + expectedMs, this.headMs());
  }
}
