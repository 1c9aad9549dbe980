// How much worse an exit is than the network trained for that exit alone (OPT), and how that varies over seeds. Pure.
import { AnytimeError } from '../errors.ts';

export interface Spread {
  readonly mean: number;
  /** Standard deviation of the sample (n − 1); null with fewer than two values, where nothing can be said of it. */
  readonly deviation: number | null;
  readonly values: readonly number[];
}

/** Relative increase of the error over OPT: 0.1 = a tenth more wrong answers. Errors are shares, 0…1. Errors: bad-argument for an OPT error of 0. */
export function relativeIncrease(error: number, optError: number): number {
  if (!(optError > 0)) {
    throw new AnytimeError('bad-argument', `Expected the error of OPT to be a share above 0, got ${optError}`);
  }
  return (error - optError) / optError;
}

/** Mean and deviation over seeds; null for no values. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length < 2 ? null : Math.sqrt(squares / (values.length - 1)), values };
}
