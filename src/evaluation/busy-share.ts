// How busy the engine was while frames waited for it. Pure: fed with the pipeline's stage runs, in order.
//
// A gap counts when frames were left waiting at the end of a run: from there to the end of the next run the engine should have
// computed all the time. What it did not is the cost of everything between two runs (messages, decisions, the event loop).

export class BusyShare {
  #busyMs = 0;
  #waitedMs = 0;
  #lastEnd: number | null = null;

  /** A stage run ended at `at` (ms, any origin) after computing for `ms`, leaving `queued` frames waiting. */
  ran(at: number, ms: number, queued: number): void {
    if (this.#lastEnd !== null && at > this.#lastEnd) {
      this.#waitedMs += at - this.#lastEnd;
      // Not bounded by this one gap: `at` is when the main thread heard of it, which may be late, and the next gap shorter for it.
      this.#busyMs += ms;
    }
    this.#lastEnd = queued > 0 ? at : null;
  }

  /** Time in which frames waited, and how much of it the engine computed, ms, both since the beginning. */
  totals(): { readonly busyMs: number; readonly waitedMs: number } {
    return { busyMs: Math.round(this.#busyMs), waitedMs: Math.round(this.#waitedMs) };
  }

  /** 0…1; null when no frame ever waited. */
  share(): number | null {
    return this.#waitedMs === 0 ? null : Math.min(1, Math.round((this.#busyMs / this.#waitedMs) * 1e4) / 1e4);
  }
}
