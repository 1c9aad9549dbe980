// What waits to be decoded, and what decoding takes as things are: while frames queue, the time between two that come out.
import type { Frame } from '../core/frame.ts';
import type { Undecoded } from '../core/scheduler.ts';
import type { Clock } from '../ports.ts';

/** Share of the newest interval in the running mean. */
const NEWEST = 0.05;

export class Decoding {
  readonly #clock: Clock;
  readonly #waiting = new Set<Frame>();
  #msPerFrame = 0;
  #lastOutAt: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  began(frame: Frame): void {
    if (this.#waiting.size === 0) this.#lastOutAt = this.#clock.now();
    this.#waiting.add(frame);
  }

  /** All that is begun and not over. */
  get frames(): number {
    return this.#waiting.size;
  }

  /** Decoded or refused. */
  ended(frame: Frame): void {
    this.#waiting.delete(frame);
    const now = this.#clock.now();
    const sinceMs = now - (this.#lastOutAt ?? now);
    this.#msPerFrame += NEWEST * (sinceMs - this.#msPerFrame);
    this.#lastOutAt = now;
  }

  /** Without those whose deadline is over: nothing is gained by giving way to them, however long they still hold a decoder. */
  undecoded(): Undecoded {
    const now = this.#clock.now();
    let frames = 0;
    let earliestDeadline: number | null = null;
    let hasPatient = false;
    for (const { spec } of this.#waiting) {
      if (spec.deadline !== null && spec.deadline <= now) continue;
      frames += 1;
      hasPatient ||= spec.deadline === null;
      if (spec.deadline !== null && (earliestDeadline === null || spec.deadline < earliestDeadline))
        earliestDeadline = spec.deadline;
    }
    return { frames, earliestDeadline, hasPatient, msPerFrame: this.#msPerFrame };
  }
}
