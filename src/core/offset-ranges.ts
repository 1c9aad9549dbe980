// Offsets as ranges: what is settled comes in long runs.

/** Offsets from `from` up to, not with, `to`. */
export interface OffsetRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** All that either of them has, ascending and apart, from `least` on. */
export function joinRanges(a: readonly OffsetRange[], b: readonly OffsetRange[], least: bigint): OffsetRange[] {
  const joined: OffsetRange[] = [];
  for (const { from, to } of [...a, ...b].sort((one, other) => (one.from < other.from ? -1 : 1))) {
    if (to <= least) continue;
    const start = from > least ? from : least;
    const last = joined.at(-1);
    if (last === undefined || start > last.to) joined.push({ from: start, to });
    else if (to > last.to) joined[joined.length - 1] = { from: last.from, to };
  }
  return joined;
}
