// When frames are due: a Poisson stream, as independent cameras give, whose rate may change while it runs. Pure but for the seed.
import { type Random, random } from '../training/random.ts';

export class Arrivals {
  readonly #random: Random;
  readonly #spread: 'poisson' | 'even';
  #dueAt: number;

  /** The first frame is due one gap after `startAt` (ms, any origin). */
  constructor(seed: number, startAt: number, spread: 'poisson' | 'even' = 'poisson') {
    this.#random = random(seed, 'arrivals');
    this.#spread = spread;
    this.#dueAt = startAt;
  }

  /** Due times up to and with `now`, ascending, at `perSecond` frames a second. Gaps begun go on at the rate of their end. */
  until(now: number, perSecond: number): number[] {
    const due: number[] = [];
    for (;;) {
      const gapMs = (1000 / perSecond) * this.#gap();
      if (this.#dueAt + gapMs > now) return due;
      this.#dueAt += gapMs;
      this.#next = null;
      due.push(this.#dueAt);
    }
  }

  #next: number | null = null;

  /** The gap to the next frame in mean gaps; the same until it is taken. */
  #gap(): number {
    this.#next ??= this.#spread === 'even' ? 1 : -Math.log(1 - this.#random.next());
    return this.#next;
  }
}
