// Whether first answers wait longer with one thing between the frames than with another: p99 of the turns, one by one and all together. Pure.
import { percentile } from '../../../evaluation/percentile.ts';

/** Ms from the sending to the publishing of the first answer, a list a turn; Infinity where there was none. */
export type Waits = readonly (readonly number[])[];

export interface WaitsTold {
  /** Infinite (null in JSON) where more than one in a hundred had no answer, as of frames whose deadline was over. */
  readonly p99Ms: readonly number[];
  readonly medianP99Ms: number;
  /** Of all turns together: a few bad ones show here. */
  readonly pooledP99Ms: number;
  readonly unanswered: number;
}

export function toldOfWaits(turns: Waits): WaitsTold {
  const p99Ms = turns.map(p99Of);
  const all = turns.flat();
  return {
    p99Ms,
    medianP99Ms: percentile(p99Ms, 50) ?? Number.NaN,
    pooledP99Ms: p99Of(all),
    unanswered: all.filter((ms) => ms === Infinity).length,
  };
}

/** How many times as long `some` wait as `others`, by the median turn and by all of them. */
export function waitRatios(
  some: WaitsTold,
  others: WaitsTold,
): { readonly ofMedians: number; readonly pooled: number } {
  return {
    ofMedians: rounded(some.medianP99Ms / others.medianP99Ms),
    pooled: rounded(some.pooledP99Ms / others.pooledP99Ms),
  };
}

/** By both, no more than `most` times as long; where not even the others have their answers within `mostMs`, nothing can be told. */
export function isNoLonger(some: WaitsTold, others: WaitsTold, most: number, mostMs: number): boolean {
  const { ofMedians, pooled } = waitRatios(some, others);
  const isTold = Number.isFinite(some.pooledP99Ms) && some.p99Ms.every(Number.isFinite);
  return isTold && others.pooledP99Ms <= mostMs && ofMedians <= most && pooled <= most;
}

const p99Of = (waits: readonly number[]) => percentile(waits, 99) ?? Number.NaN;
const rounded = (ratio: number) => Math.round(ratio * 1000) / 1000;
