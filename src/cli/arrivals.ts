// When frames are due: a Poisson stream, as many independent cameras give, whose rate may change while it runs. Pure: the seed says all.
import { type Random, random } from '../training/random.ts';

export class Arrivals {
  readonly #random: Random;
  #lastDueAt: number;
  /** Gap to the next frame, in mean gaps; it stays until the frame is taken, whatever the rate is then. */
  #gap: number;

  /** The first frame is due one gap after `startAt` (ms, any origin). */
  constructor(seed: number, startAt: number) {
    this.#random = random(seed, 'arrivals');
    this.#lastDueAt = startAt;
    this.#gap = this.#draw();
  }

  /** When the next frame is due at a rate of `perSecond`. */
  next(perSecond: number): number {
    return this.#lastDueAt + (this.#gap * 1000) / perSecond;
  }

  /** The next frame was taken: the one after it is due a gap later. Returns when it was due. */
  take(perSecond: number): number {
    this.#lastDueAt = this.next(perSecond);
    this.#gap = this.#draw();
    return this.#lastDueAt;
  }

  /** Takes all frames due up to and with `now`; their due times, ascending. */
  until(now: number, perSecond: number): number[] {
    const due: number[] = [];
    while (this.next(perSecond) <= now) due.push(this.take(perSecond));
    return due;
  }

  #draw(): number {
    return -Math.log(1 - this.#random.next());
  }
}
