// Percentiles of measured times.

/** The p-th percentile (0…100) by nearest rank, rounded to a hundredth; null of no values. Leaves `values` as they are. */
export function percentile(values: readonly number[], p: number): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? 0;
  return Math.round(value * 100) / 100;
}

/** Median and 99th percentile, ms; null of no values. */
export function latencies(values: readonly number[]): { readonly p50: number | null; readonly p99: number | null } {
  return { p50: percentile(values, 50), p99: percentile(values, 99) };
}
