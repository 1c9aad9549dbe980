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

/** Whether one of `ranges`, which are ascending and apart, has `offset`. */
export function isAmong(offset: bigint, ranges: readonly OffsetRange[]): boolean {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle] as OffsetRange).to <= offset) low = middle + 1;
    else high = middle;
  }
  return low < ranges.length && (ranges[low] as OffsetRange).from <= offset;
}
