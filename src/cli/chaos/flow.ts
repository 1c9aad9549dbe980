// How steadily records flowed in a stretch of time. Pure.

export interface Flow {
  readonly perSecond: number;
  /** Between two records, the edges of the stretch counting as such, ms. */
  readonly longestPauseMs: number;
}

/** `times` in any order, epoch ms; looked at from `from` to `to`. */
export function flowOf(times: readonly number[], from: number, to: number): Flow {
  const within = times.filter((at) => at >= from && at < to).toSorted((a, b) => a - b);
  const edges = [from, ...within, to];
  const longestPauseMs = edges.reduce((most, at, i) => Math.max(most, at - (edges[i - 1] ?? at)), 0);
  return {
    perSecond: Math.round((within.length * 1e5) / (to - from)) / 100,
    longestPauseMs: Math.round(longestPauseMs),
  };
}
