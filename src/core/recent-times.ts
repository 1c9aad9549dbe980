// What something took lately, its upper quartile and 95th percentile: known soon, and forgotten soon after it is over. Pure.

/** Times count for so long, ms … */
const COUNTED_MS = 10_000;
/** … and so many of them … */
const MOST_COUNTED = 200;
/** … where fewer than this count as if the others were 0: one that was held up says little. */
const TO_JUDGE = 20;

export class RecentTimes {
  readonly #times: { readonly ms: number; readonly at: number }[] = [];
  #sorted: readonly number[] | null = null;

  /** It took `ms`, and was over at `at`, epoch ms. */
  note(ms: number, at: number): void {
    this.#times.push({ ms, at });
    if (this.#times.length > MOST_COUNTED) this.#times.shift();
    this.#sorted = null;
  }

  /** 95th percentile of the times that count at `now`; 0 while there is only one. */
  p95At(now: number): number {
    return quantile(this.#countedAt(now), 0.95);
  }

  /** So long or less took three of four; 0 while there are fewer than six. */
  upperQuartileAt(now: number): number {
    return quantile(this.#countedAt(now), 0.75);
  }

  #countedAt(now: number): readonly number[] {
    // One that is still to come: the clock was set back.
    while (this.#times.length > 1 && Math.abs(now - (this.#times[0]?.at ?? now)) > COUNTED_MS) {
      this.#times.shift();
      this.#sorted = null;
    }
    this.#sorted ??= filled(this.#times.map(({ ms }) => ms));
    return this.#sorted;
  }
}

/** 95th percentile, at least 0; fewer values than 20 count as if the others were 0. */
export function p95(values: readonly number[]): number {
  return Math.max(0, quantile(filled(values), 0.95));
}

/** Ascending, with zeros for what is missing. */
function filled(values: readonly number[]): readonly number[] {
  const zeros = new Array<number>(Math.max(0, TO_JUDGE - values.length)).fill(0);
  return [...values, ...zeros].sort((x, y) => x - y);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}
