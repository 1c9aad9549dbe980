// What the samples of a soak say: a trend of each worker's figures, and whether anything grows. Pure.
import type { Held } from '../../core/load.ts';
import { isFlat, type Point, type Trend, trendOf } from './trend.ts';

export interface WorkerSample {
  /** Epoch ms. */
  readonly at: number;
  /** Resident set, bytes; null where the system does not tell. */
  readonly rssBytes: number | null;
  /** Of V8's heap, what was left after a full collection; null where there was none since the sample before. */
  readonly liveHeapBytes: number | null;
  readonly held: Held;
}

export interface Figure extends Trend {
  readonly isFlat: boolean;
}

export interface WorkerTrends {
  /** MB (10⁶ bytes). */
  readonly rssMb: Figure | null;
  /** Only where garbage was collected on the way. */
  readonly liveHeapMb?: Figure | null;
  readonly tensors: Figure | null;
  readonly heldFrames: Figure | null;
  readonly undecoded: Figure | null;
  readonly queued: Figure | null;
  readonly unsentMb: Figure | null;
  readonly activationMb: Figure | null;
}

const MB = 1e6;
const HOUR_MS = 3_600_000;

type Reading = { readonly of: (sample: WorkerSample) => number | null; readonly leastGrowth: number };

/** `leastGrowth`: what would not be noticed over a whole run: some pages of memory, a handful of frames, not one tensor. */
const READINGS: Readonly<Record<Exclude<keyof WorkerTrends, 'liveHeapMb'>, Reading>> = {
  rssMb: { of: ({ rssBytes }) => (rssBytes === null ? null : rssBytes / MB), leastGrowth: 2 },
  tensors: { of: ({ held }) => held.tensors, leastGrowth: 1 },
  heldFrames: { of: ({ held }) => held.frames, leastGrowth: 5 },
  undecoded: { of: ({ held }) => held.undecoded, leastGrowth: 5 },
  queued: { of: ({ held }) => held.queued, leastGrowth: 5 },
  unsentMb: { of: ({ held }) => held.unsentBytes / MB, leastGrowth: 0.1 },
  activationMb: { of: ({ held }) => held.activationBytes / MB, leastGrowth: 1 },
};

const LIVE_HEAP: Reading = {
  of: ({ liveHeapBytes }) => (liveHeapBytes === null ? null : liveHeapBytes / MB),
  leastGrowth: 1,
};

/**
 * Trends of one worker's samples from `from` (epoch ms) on: before it, caches fill and code is compiled. `collects`: garbage was collected on
 * the way, so that what is left of the heap has a trend too.
 */
export function workerTrends(samples: readonly WorkerSample[], from: number, collects = false): WorkerTrends {
  const settled = samples.filter(({ at }) => at >= from);
  const hours = ((settled.at(-1)?.at ?? 0) - (settled[0]?.at ?? 0)) / HOUR_MS;
  const figure = ({ of, leastGrowth }: Reading): Figure | null => {
    const points = settled.flatMap((sample): Point[] => {
      const value = of(sample);
      return value === null ? [] : [{ at: sample.at, value }];
    });
    const trend = trendOf(points);
    return trend && { ...rounded(trend), isFlat: isFlat(trend, hours, leastGrowth) };
  };
  const readings = { ...READINGS, ...(collects && { liveHeapMb: LIVE_HEAP }) };
  const entries = Object.entries(readings).map(([name, reading]) => [name, figure(reading)]);
  return Object.fromEntries(entries) as unknown as WorkerTrends;
}

/** Mean resident memory of each minute from `from` (epoch ms) on, MB; null where there was no sample. */
export function rssMbByMinute(samples: readonly WorkerSample[], from: number): (number | null)[] {
  const minutes: number[][] = [];
  for (const { at, rssBytes } of samples) {
    if (rssBytes === null || at < from) continue;
    const minute = Math.floor((at - from) / 60_000);
    while (minutes.length <= minute) minutes.push([]);
    minutes[minute]?.push(rssBytes / MB);
  }
  return minutes.map((own) =>
    own.length === 0 ? null : Math.round((100 * own.reduce((sum, mb) => sum + mb, 0)) / own.length) / 100,
  );
}

/** "flat" when every figure could be judged and none grows; else which do, or could not be. */
export function verdictOf(workers: readonly WorkerTrends[]): { verdict: 'flat' | 'not flat'; notFlat: string[] } {
  const notFlat = workers.flatMap((trends, i) =>
    Object.entries(trends).flatMap(([name, figure]: [string, Figure | null]) =>
      figure?.isFlat ? [] : [`worker ${i + 1}: ${name}${figure === null ? ' (no samples)' : ''}`],
    ),
  );
  return { verdict: notFlat.length === 0 && workers.length > 0 ? 'flat' : 'not flat', notFlat };
}

function rounded({ mean, slopePerHour, standardError, samples }: Trend): Trend {
  const round = (value: number) => Math.round(value * 1e4) / 1e4;
  return {
    mean: round(mean),
    slopePerHour: round(slopePerHour),
    standardError: standardError === null ? null : round(standardError),
    samples,
  };
}
