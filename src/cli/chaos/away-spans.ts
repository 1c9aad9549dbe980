// When Redis, or what it knew, was away: the faults that took it away, and the times in which a worker said that it goes on without
// it. A worker leaves a store that failed alone for a second at most and reconnects with a back-off, so each span lasts some seconds more.
import type { Span } from './account.ts';

/** After the fault is over: one second left alone, two of back-off, and the time to notice. */
export const LINGERS_MS = 4000;

export class AwaySpans {
  readonly #spans: Span[] = [];
  /** When each worker that goes on without the store said so. */
  readonly #since = new Map<string, number>();

  fault(from: number, to: number): void {
    this.#spans.push({ from, to: to + LINGERS_MS });
  }

  degraded(worker: string, at: number): void {
    if (!this.#since.has(worker)) this.#since.set(worker, at);
  }

  /** It answers again, or the worker ended. */
  recovered(worker: string, at: number): void {
    const from = this.#since.get(worker);
    if (from === undefined) return;
    this.#since.delete(worker);
    this.#spans.push({ from, to: at });
  }

  /** Overlapping ones as one, in order; those still open end at `now`. */
  spans(now: number): Span[] {
    const open = [...this.#since.values()].map((from) => ({ from, to: now }));
    const merged: Span[] = [];
    for (const span of [...this.#spans, ...open].sort((a, b) => a.from - b.from)) {
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
