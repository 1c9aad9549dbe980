// The runs of the study: which networks are trained how. Pure.
import { AnytimeError } from '../errors.ts';
import type { Network } from '../network/config.ts';
import type { LossWeights } from '../training/loss-weights/loss-weights.ts';
import { truncated } from '../training/truncated.ts';
import { SEQUENCE } from './networks.ts';

export interface StudyRun {
  /** Also the name of its folder. */
  readonly id: string;
  readonly kind: 'weights' | 'opt' | 'sequence';
  readonly network: Network;
  readonly weights: LossWeights;
  readonly oscillate: boolean;
  /** Exits of each network of a sequence, else none. */
  readonly sequence: readonly number[];
  readonly seed: number;
  /** For `opt`: the exit of the chain it is the oracle of, from 1. */
  readonly exit: number;
  readonly form: 'again' | 'beside' | null;
}

export interface StudyNetworks {
  readonly chain: Network;
  readonly sequences: Readonly<Record<'again' | 'beside', Network>>;
}

/** In the order in which the runs are most telling should time end: the paper's comparison first, all of a seed before the next. */
const WEIGHTINGS = ['sieve', 'const', 'adaloss', 'linear'] as const satisfies readonly LossWeights[];

/** Exits nearest to 1/4, 1/2, 3/4 and all of the cost, from 1; `passes`: cost up to each exit, the last is 1. */
export function quarterExits(passes: readonly number[]): number[] {
  return [0.25, 0.5, 0.75, 1].map((wanted) => {
    const distances = passes.map((at) => Math.abs(at - wanted));
    return distances.indexOf(Math.min(...distances)) + 1;
  });
}

export function studyPlan({ chain, sequences }: StudyNetworks, passes: readonly number[], seeds: readonly number[]) {
  return seeds.flatMap((seed): StudyRun[] => {
    const of = (name: string, rest: Omit<StudyRun, 'id' | 'seed'>) => ({ id: `${name}-seed-${seed}`, seed, ...rest });
    const weighted = WEIGHTINGS.flatMap((weights) =>
      [true, false].map((oscillate) =>
        of(`${weights}${oscillate ? '-oscillating' : ''}`, {
          ...{
            kind: 'weights' as const,
            network: chain,
            weights,
            oscillate,
            sequence: [],
            exit: chain.stages.length,
            form: null,
          },
        }),
      ),
    );
    const oracles = [...new Set(quarterExits(passes))].map((exit) =>
      of(`opt-exit-${exit}`, {
        ...{
          kind: 'opt' as const,
          network: truncated(chain, exit),
          weights: 'opt' as const,
          oscillate: false,
          sequence: [],
        },
        ...{ exit, form: null },
      }),
    );
    const sequenced = (['again', 'beside'] as const).map((form) =>
      of(`sequence-${form}`, {
        ...{
          kind: 'sequence' as const,
          network: sequences[form],
          weights: 'sieve' as const,
          oscillate: true,
          sequence: SEQUENCE,
        },
        ...{ exit: sequences[form].stages.length, form },
      }),
    );
    return [...oracles, ...weighted, ...sequenced];
  });
}

/** The runs whose ids begin with one of these, in the plan's order. Error: bad-argument where none begins with one of them. */
export function onlyRuns(plan: readonly StudyRun[], beginnings: readonly string[]): StudyRun[] {
  const unknown = beginnings.find((beginning) => !plan.some(({ id }) => id.startsWith(beginning)));
  if (unknown !== undefined || beginnings.length === 0) {
    const ids = plan.map(({ id }) => id).join(', ');
    throw new AnytimeError('bad-argument', `Expected the beginnings of runs (${ids}), got "${unknown ?? ''}"`);
  }
  return plan.filter(({ id }) => beginnings.some((beginning) => id.startsWith(beginning)));
}
