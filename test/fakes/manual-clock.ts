// A clock that stands still until a test moves it.
import type { Clock } from '../../src/ports.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly then: () => void;
}

export class ManualClock implements Clock {
  #now: number;
  #order = 0;
  #timers: Timer[] = [];
  #skew = 0;

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now + this.#skew;
  }

  /** What is read from it changes by `ms`, as where a machine's clock is set; timers go by what has passed. */
  set(ms: number): void {
    this.#skew += ms;
  }

  after(ms: number, then: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, then };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Move on by `ms`, firing what comes due in the order of its time; a timer set by a fired one fires too when it is due. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#nextDue(end); next; next = this.#nextDue(end)) {
      this.#now = Math.max(this.#now, next.at);
      this.#timers = this.#timers.filter((timer) => timer !== next);
      next.then();
    }
    this.#now = end;
  }

  #nextDue(end: number): Timer | undefined {
    const due = this.#timers.filter((timer) => timer.at <= end);
    return due.sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }
}
