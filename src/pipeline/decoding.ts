// What waits to be decoded, and what decoding takes as things are: while frames queue, the time between two that come out.
import type { Frame } from '../core/frame.ts';
import { RecentTimes } from '../core/recent-times.ts';
import type { Undecoded } from '../core/scheduler.ts';
import type { Clock } from '../ports.ts';

/** Share of the newest interval in the running mean … */
const NEWEST = 0.05;
/** … which counts as so many ms at most: the clock may have been set forward, or the process stopped. */
const LONGEST_MS = 1000;

export class Decoding {
  readonly #clock: Clock;
  readonly #waiting = new Set<Frame>();
  /** Of those, the ones whose turn at a decoder has not come. */
  readonly #queued = new Set<Frame>();
  /** Since when a decoder has the others, epoch ms. */
  readonly #turnAt = new Map<Frame, number>();
  readonly #times = new RecentTimes();
  #msPerFrame = 0;
  #lastOutAt: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  began(frame: Frame): void {
    if (this.#waiting.size === 0) this.#lastOutAt = this.#clock.now();
    this.#waiting.add(frame);
    this.#queued.add(frame);
  }

  /** Its turn has come: a decoder has it, or it is not wanted any more. */
  leavesQueue(frame: Frame): void {
    this.#queued.delete(frame);
  }

  atDecoder(frame: Frame): void {
    this.#turnAt.set(frame, this.#clock.now());
  }

  /**
   * What a frame's own decoding takes, ms: what three of four do not exceed, while others queue. Then whoever has too little time for it would only take the decoder from
   * one that has; where nobody does it is tried. Not their 95th percentile: a few images that decode for seconds would end all others.
   */
  get neededMs(): number {
    return this.#queued.size === 0 ? 0 : this.#times.upperQuartileAt(this.#clock.now());
  }

  /** All that is begun and not over. */
  get frames(): number {
    return this.#waiting.size;
  }

  /** Decoded or refused. */
  ended(frame: Frame): void {
    this.#waiting.delete(frame);
    this.#queued.delete(frame);
    const now = this.#clock.now();
    const turnAt = this.#turnAt.get(frame);
    this.#turnAt.delete(frame);
    if (turnAt !== undefined) this.#times.note(now - turnAt, now);
    const sinceMs = Math.min(LONGEST_MS, Math.max(0, now - (this.#lastOutAt ?? now)));
    this.#msPerFrame += NEWEST * (sinceMs - this.#msPerFrame);
    this.#lastOutAt = now;
  }

  /** Without those whose deadline is over: nothing is gained by giving way to them, however long they still hold a decoder. */
  undecoded(): Undecoded {
    const now = this.#clock.now();
    let frames = 0;
    let earliestDeadline: number | null = null;
    for (const { spec } of this.#waiting) {
      if (spec.deadline !== null && spec.deadline <= now) continue;
      frames += 1;
      if (spec.deadline !== null && (earliestDeadline === null || spec.deadline < earliestDeadline))
        earliestDeadline = spec.deadline;
    }
    const hasPatient = this.#hasQueuedPatient();
    return { frames, earliestDeadline, queued: this.#queued.size, hasPatient, msPerFrame: this.#msPerFrame };
  }

  #hasQueuedPatient(): boolean {
    for (const { spec } of this.#queued) if (spec.deadline === null) return true;
    return false;
  }
}
