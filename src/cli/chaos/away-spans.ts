// When Redis, or what it knew, was away: the faults that took it away, and the times in which a worker said that it goes on without it.
import type { Span } from './judge.ts';

export class AwaySpans {
  readonly #faults: Span[] = [];
  readonly #wipes: Span[] = [];
  readonly #degraded: Span[] = [];
  /** When each worker that goes on without the store said so. */
  readonly #since = new Map<string, number>();

  /** `isWipe`: Redis forgot what it knew, too. */
  fault(from: number, to: number, isWipe: boolean): void {
    this.#faults.push({ from, to });
    if (isWipe) this.#wipes.push({ from, to });
  }

  /** When Redis forgot what it knew; those that are over. */
  get wipes(): readonly Span[] {
    return this.#wipes;
  }

  degraded(worker: string, at: number): void {
    if (!this.#since.has(worker)) this.#since.set(worker, at);
  }

  /** It answers again, or the worker ended. */
  recovered(worker: string, at: number): void {
    const from = this.#since.get(worker);
    if (from === undefined) return;
    this.#since.delete(worker);
    this.#degraded.push({ from, to: at });
  }

  /** All of both, overlapping ones as one, in order; those still open end at `now`. */
  spans(now: number): Span[] {
    const open = [...this.#since.values()].map((from) => ({ from, to: now }));
    const merged: Span[] = [];
    for (const span of [...this.#faults, ...this.#degraded, ...open].sort((a, b) => a.from - b.from)) {
      const last = merged.at(-1);
      if (last !== undefined && span.from <= last.to)
        merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
      else merged.push(span);
    }
    return merged;
  }

  totalMs(now: number): number {
    return this.spans(now).reduce((sum, { from, to }) => sum + Math.min(to, now) - from, 0);
  }
}
