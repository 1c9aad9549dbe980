// Whether something that was sampled for a long time grows. Pure.

export interface Point {
  /** When, ms from any origin. */
  readonly at: number;
  readonly value: number;
}

export interface Trend {
  readonly mean: number;
  /** Least squares over the means of blocks of equal length. */
  readonly slopePerHour: number;
  /** Of that slope; null with fewer than three blocks. */
  readonly standardError: number | null;
  readonly samples: number;
}

const HOUR_MS = 3_600_000;
/** Samples that follow each other are alike (memory comes and goes in waves); means of blocks are nearly independent. */
const BLOCKS = 20;

/** `points` in order of time. Null with fewer than two of them apart in time. */
export function trendOf(points: readonly Point[]): Trend | null {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at) return null;
  const blocks = blockMeans(points, first.at, last.at);
  const n = blocks.length;
  if (n < 2) return null;
  const meanAt = blocks.reduce((sum, { at }) => sum + at, 0) / n;
  const mean = blocks.reduce((sum, { value }) => sum + value, 0) / n;
  let [sxx, sxy] = [0, 0];
  for (const { at, value } of blocks) {
    sxx += (at - meanAt) ** 2;
    sxy += (at - meanAt) * (value - mean);
  }
  const slope = sxy / sxx;
  const residual = blocks.reduce((sum, { at, value }) => sum + (value - mean - slope * (at - meanAt)) ** 2, 0);
  return {
    mean,
    slopePerHour: slope * HOUR_MS,
    standardError: n < 3 ? null : Math.sqrt(residual / (n - 2) / sxx) * HOUR_MS,
    samples: points.length,
  };
}

/** Mean time and mean value of each block that has points. */
function blockMeans(points: readonly Point[], from: number, to: number): Point[] {
  const sums = Array.from({ length: BLOCKS }, () => ({ count: 0, at: 0, value: 0 }));
  for (const { at, value } of points) {
    const sum = sums[Math.min(BLOCKS - 1, Math.floor((BLOCKS * (at - from)) / (to - from)))];
    if (sum === undefined) continue;
    sum.count += 1;
    sum.at += at;
    sum.value += value;
  }
  return sums
    .filter(({ count }) => count > 0)
    .map(({ count, at, value }) => ({ at: at / count, value: value / count }));
}

/** Standard errors above zero from which on a slope is no noise (two-sided 95 % with eighteen degrees of freedom). */
const ERRORS = 2.1;

/**
 * Flat: the slope is no further above zero than its noise, or over `hours` it comes to less than `leastGrowth`, in the value's unit,
 * which nobody would notice. What shrinks is flat too.
 */
export function isFlat({ slopePerHour, standardError }: Trend, hours: number, leastGrowth: number): boolean {
  return slopePerHour <= ERRORS * (standardError ?? 0) || slopePerHour * hours < leastGrowth;
}
