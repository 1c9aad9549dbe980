// From the runs that are finished to the study's tables: one document. A row whose runs are missing is null, and `missing` names them. Pure.

import type { HeadTime } from '../evaluation/head-time.ts';
import { TRAIN_DEFAULTS } from '../training/options.ts';
import { type BudgetRatio, budgetRatio, type CostPoint, promisedRatio } from './budget-ratio.ts';
import { oscillationEffect } from './oscillation-effect.ts';
import { quarterExits, type StudyRun } from './plan.ts';
import { relativeIncrease, type Spread, spreadOf } from './relative-increase.ts';
import type { RunRecord } from './run-record.ts';
import { type Verdict, verdictOn } from './verdict.ts';

/** Growth of the networks of the sequences (networks.ts). */
const GROWTH = 2;

export interface StudyDocument {
  readonly epochs: number;
  readonly seeds: readonly number[];
  readonly missing: readonly string[];
  /** The oracle curve, mean over seeds. */
  readonly opt: readonly { readonly macs: number; readonly accuracy: number; readonly spread: Spread }[];
  /** Relative increase of the test error over OPT at 1/4, 1/2, 3/4 and all of the cost; null where no seed has both, or OPT makes no error. */
  readonly weightings: readonly {
    readonly weights: string;
    readonly oscillate: boolean;
    readonly increase: readonly (Spread | null)[];
    readonly meanIncrease: number | null;
  }[];
  /** Of the plan's weightings the one with the least mean increase, and whether the shipped models use it; null while one lacks a seed, or OPT does. */
  readonly winner: Verdict | null;
  /** Accuracy with oscillation less without, exit by exit. */
  readonly oscillation: readonly { readonly weights: string; readonly exits: readonly Spread[] }[];
  /** The last exit with all heads trained, beside the same network trained for it alone. */
  readonly heads: {
    readonly plain: Spread | null;
    readonly withHeads: readonly {
      readonly weights: string;
      readonly oscillate: boolean;
      readonly accuracy: Spread | null;
    }[];
    /** Share of the MACs that the heads before the last cost. */
    readonly extraMacs: number | null;
    /** What they cost in time; null when it was not measured. */
    readonly time: HeadTime | null;
  };
  readonly sequences: readonly {
    readonly form: string;
    /** Best valid answer so far by held-out accuracy, mean test error over seeds. */
    readonly points: readonly CostPoint[];
    readonly measured: BudgetRatio | null;
    readonly promised: { readonly worst: number; readonly mean: number };
  }[];
  /** Early exit by confidence of each weighting's first seed. */
  readonly earlyExit: readonly { readonly id: string; readonly points: RunRecord['earlyExit'] }[];
  /** Test accuracy with one threshold per exit less that with one for all, over every weighting and seed. */
  readonly perExitGain: readonly { readonly averageBudget: number; readonly gain: Spread }[];
}

/** `records` by id of the run; `headTime` of the chain. */
export function studyDocument(
  plan: readonly StudyRun[],
  passes: readonly number[],
  records: ReadonlyMap<string, RunRecord>,
  headTime: HeadTime | null = null,
): StudyDocument {
  const done = (test: (run: StudyRun) => boolean) =>
    plan.filter(test).flatMap((run) => {
      const record = records.get(run.id);
      return record === undefined ? [] : [{ run, record }];
    });
  const seeds = [...new Set(plan.map(({ seed }) => seed))];
  const quarters = quarterExits(passes);
  const optAt = (exit: number, seed?: number) =>
    done((run) => run.kind === 'opt' && run.exit === exit && (seed === undefined || run.seed === seed)).map(
      ({ record }) => record.exits.at(-1) as RunRecord['exits'][number],
    );
  const opt = [...new Set(quarters)].flatMap((exit) => {
    const own = optAt(exit);
    const spread = spreadOf(own.map(({ testAccuracy }) => testAccuracy));
    return spread === null ? [] : [{ macs: own[0]?.macs ?? 0, accuracy: spread.mean, spread }];
  });
  const kinds = unique(
    plan.filter(({ kind }) => kind === 'weights').map(({ weights, oscillate }) => ({ weights, oscillate })),
  );
  const runsOf = ({ weights, oscillate }: { weights: string; oscillate: boolean }) =>
    done((run) => run.kind === 'weights' && run.weights === weights && run.oscillate === oscillate);
  const weightings = kinds.map((kind) => {
    const increase = quarters.map((exit) => {
      const values = runsOf(kind).flatMap(({ run, record }) => {
        const oracle = optAt(exit, run.seed)[0];
        const own = record.exits[exit - 1];
        return oracle && own ? [relativeIncrease(1 - own.testAccuracy, 1 - oracle.testAccuracy)] : [];
      });
      const known = values.filter((value) => value !== null);
      return known.length < values.length ? null : spreadOf(known);
    });
    return { ...kind, increase, meanIncrease: meanOf(increase.map((spread) => spread?.mean ?? null)) };
  });
  // Means over unequal seeds are not to be compared.
  const isEven = weightings.every(({ increase }) => increase.every((spread) => spread?.values.length === seeds.length));
  const accuraciesOf = (kind: { weights: string; oscillate: boolean }) =>
    runsOf(kind).map(({ run, record }) => ({
      seed: run.seed,
      accuracies: record.exits.map(({ testAccuracy }) => testAccuracy),
    }));
  const some = done(({ kind }) => kind === 'weights')[0]?.record.exits;
  const optPoints = opt.map(({ macs, accuracy }) => ({ cost: macs, error: 1 - accuracy }));
  return {
    epochs: [...records.values()][0]?.epochs ?? 0,
    seeds,
    missing: plan.filter(({ id }) => !records.has(id)).map(({ id }) => id),
    opt,
    weightings,
    winner: isEven ? verdictOn(weightings, TRAIN_DEFAULTS) : null,
    oscillation: unique(kinds.map(({ weights }) => weights)).map((weights) => ({
      weights,
      exits: oscillationEffect(accuraciesOf({ weights, oscillate: false }), accuraciesOf({ weights, oscillate: true })),
    })),
    heads: {
      plain: spreadOf(optAt(passes.length).map(({ testAccuracy }) => testAccuracy)),
      withHeads: kinds.map((kind) => ({
        ...kind,
        accuracy: spreadOf(accuraciesOf(kind).map(({ accuracies }) => accuracies.at(-1) as number)),
      })),
      extraMacs:
        some === undefined
          ? null
          : some.slice(0, -1).reduce((sum, { headMacs }) => sum + headMacs, 0) / (some.at(-1)?.macs ?? 1),
      time: headTime,
    },
    sequences: (['again', 'beside'] as const).map((form) => {
      const own = done((run) => run.form === form).map(({ record }) => bestSoFar(record));
      const points = (own[0] ?? []).map(({ cost }, i) => ({
        cost,
        error: own.reduce((sum, curve) => sum + (curve[i]?.error ?? 0), 0) / own.length,
      }));
      const canCompare = points.length > 1 && optPoints.length > 0;
      return {
        form,
        points,
        measured: canCompare ? measuredRatio(points, optPoints) : null,
        promised: promisedRatio(GROWTH),
      };
    }),
    earlyExit: done(({ kind, seed }) => kind === 'weights' && seed === seeds[0]).map(({ run, record }) => ({
      id: run.id,
      points: record.earlyExit,
    })),
    perExitGain: perExitGain(done(({ kind }) => kind === 'weights').map(({ record }) => record.earlyExit)),
  };
}

/** For budgets at which OPT was measured: before its first point and beyond its last nothing says how good one could be, and C would seem to be 1. */
export function measuredRatio(points: readonly CostPoint[], opt: readonly CostPoint[]): BudgetRatio | null {
  const costs = opt.map(({ cost }) => cost);
  const from = Math.max(points[0]?.cost ?? Infinity, Math.min(...costs));
  const to = Math.min(points.at(-1)?.cost ?? 0, Math.max(...costs));
  return to > from ? budgetRatio(points, opt, { from, to }) : null;
}

/** At each exit the answer of the exit so far that is best on held-out frames, with its test error. */
export function bestSoFar({ exits }: RunRecord): CostPoint[] {
  return exits.map(({ macs }, i) => {
    const best = exits.slice(0, i + 1).reduce((a, b) => (b.validationAccuracy >= a.validationAccuracy ? b : a));
    return { cost: macs, error: 1 - best.testAccuracy };
  });
}

/** `runs`: the points of each run, all at the same budgets. */
function perExitGain(runs: readonly RunRecord['earlyExit'][]): StudyDocument['perExitGain'] {
  return (runs[0] ?? []).flatMap(({ averageBudget }) => {
    const points = runs.flatMap((run) => run.find((point) => point.averageBudget === averageBudget) ?? []);
    const gain = spreadOf(points.map(({ perExit, testAccuracy }) => perExit.testAccuracy - testAccuracy));
    return gain === null ? [] : [{ averageBudget, gain }];
  });
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length < values.length ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
