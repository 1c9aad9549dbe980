// The 95th percentile of what something took lately: known soon, and forgotten soon after it is over. Pure.

/** Times count for so long, ms … */
const COUNTED_MS = 10_000;
/** … and so many of them … */
const MOST_COUNTED = 200;
/** … where fewer than this count as if the others were 0: one that was held up says little. */
const TO_JUDGE = 20;

export class RecentP95 {
  readonly #times: { readonly ms: number; readonly at: number }[] = [];
  #p95: number | null = null;

  /** It took `ms`, and was over at `at`, epoch ms. */
  note(ms: number, at: number): void {
    this.#times.push({ ms, at });
    if (this.#times.length > MOST_COUNTED) this.#times.shift();
    this.#p95 = null;
  }

  /** 95th percentile of the times that count at `now`; 0 while there is only one. */
  valueAt(now: number): number {
    while (this.#times.length > 1 && now - (this.#times[0]?.at ?? now) > COUNTED_MS) {
      this.#times.shift();
      this.#p95 = null;
    }
    this.#p95 ??= p95(this.#times.map(({ ms }) => ms));
    return this.#p95;
  }
}

/** 95th percentile, at least 0; fewer values than `toJudge` count as if the others were 0. */
export function p95(values: readonly number[], toJudge = TO_JUDGE): number {
  const zeros = new Array<number>(Math.max(0, toJudge - values.length)).fill(0);
  const sorted = [...values, ...zeros].sort((x, y) => x - y);
  return Math.max(0, sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0);
}
