// How much worse an exit is than the network trained for that exit alone (OPT), and how that varies over seeds. Pure.

export interface Spread {
  readonly mean: number;
  /** Standard deviation of the sample (n − 1); null with fewer than two values, where nothing can be said of it. */
  readonly deviation: number | null;
  readonly values: readonly number[];
}

/** Relative increase of the error over OPT: 0.1 = a tenth more wrong answers; null where OPT makes no error. Errors are shares, 0…1. */
export function relativeIncrease(error: number, optError: number): number | null {
  return optError > 0 ? (error - optError) / optError : null;
}

/** Mean and deviation over seeds; null for no values. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length < 2 ? null : Math.sqrt(squares / (values.length - 1)), values };
}
