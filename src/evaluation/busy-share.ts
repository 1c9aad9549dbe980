// How busy the engine's thread was while frames waited for it. Pure: fed with the pipeline's stage runs, in order.
//
// A span counts when frames were left waiting at its beginning: from the end of one run to the end of the next the thread should
// have been busy all the time. What it was not is the cost of everything between two runs (decisions, messages, the main thread).

export class BusyShare {
  #busyMs = 0;
  #waitedMs = 0;
  #last: { readonly at: number; readonly busyMs: number } | null = null;

  /** A stage run ended at `at` (ms, any origin), with the thread busy for `busyMs` since its start, leaving `queued` frames waiting. */
  ran(at: number, busyMs: number, queued: number): void {
    if (this.#last !== null) {
      this.#waitedMs += at - this.#last.at;
      this.#busyMs += Math.max(0, busyMs - this.#last.busyMs);
    }
    this.#last = queued > 0 ? { at, busyMs } : null;
  }

  /** Time in which frames waited, and how much of it the thread was busy, ms, both since the beginning. */
  totals(): { readonly busyMs: number; readonly waitedMs: number } {
    return { busyMs: Math.round(this.#busyMs), waitedMs: Math.round(this.#waitedMs) };
  }

  /** 0…1; null when no frame ever waited. */
  share(): number | null {
    return this.#waitedMs === 0 ? null : Math.min(1, Math.round((this.#busyMs / this.#waitedMs) * 1e4) / 1e4);
  }
}
