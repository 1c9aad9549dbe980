// Stochastic gradient descent with Nesterov momentum and weight decay, and a running average of the weights.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../network/tensorflow-native.ts';
import { isTrained, type Parameter, type Role } from './parameters.ts';
import { type Variable, variableMaker } from './variable.ts';

export interface Descent {
  readonly momentum: number;
  /** Share of a kernel added to its gradient. */
  readonly weightDecay: number;
  /** BatchNorm's offsets learn so many times faster, and decay as much slower (arXiv 2404.00498). */
  readonly betaRateFactor: number;
}

/** What a network's training changes: values of every parameter, velocities of the trained ones, averages of the values. */
export const PARTS = ['value', 'velocity', 'average'] as const;
export type Part = (typeof PARTS)[number];

/** Share by which BatchNorm's statistics for serving move to each batch's. */
const STATISTIC_SHARE = 0.1;

export interface Optimiser {
  /** Views of the values by name; dispose them before the next change. */
  read(part: Part): Map<string, Tensor>;
  /** One step down these gradients: v ← m·v + g, w ← w − rate·(g + m·v), g = gradient + decay·w. No view may be held. */
  descend(gradients: ReadonlyMap<string, Tensor>, rate: number): void;
  /** BatchNorm's statistics for serving move towards those of a batch. */
  noteStatistics(statistics: ReadonlyMap<string, Tensor>): void;
  /** average ← average + (value − average) · share, of everything but frozen parameters. */
  average(share: number): void;
  /** The named averages move to a goal of their own. */
  approach(goals: ReadonlyMap<string, Tensor>, share: number): void;
  dispose(): void;
}

/** `first`: a part's first values of a parameter. */
export function createOptimiser(
  tf: TensorFlow,
  how: Descent,
  parameters: readonly Parameter[],
  first: (part: Part, parameter: Parameter) => Float32Array,
): Optimiser {
  const variable = variableMaker(tf);
  const roles = new Map<string, Role>(parameters.map(({ name, role }) => [name, role]));
  const sets: Record<Part, Map<string, Variable>> = { value: new Map(), velocity: new Map(), average: new Map() };
  for (const parameter of parameters) {
    for (const part of PARTS) {
      if (part === 'velocity' && !isTrained(parameter.role)) continue;
      const values = tf.tensor(first(part, parameter), [...parameter.shape], 'float32');
      sets[part].set(parameter.name, variable(values));
      values.dispose();
    }
  }
  // every parameter is in `value` and `average`, every trained one in `velocity`
  const of = (part: Part, name: string) => sets[part].get(name) as Variable;
  const towards = (part: Part, goals: ReadonlyMap<string, Tensor>, share: number) =>
    tf.tidy(() => {
      const by = tf.scalar(share);
      for (const [name, goal] of goals) of(part, name).approach(goal, by);
    });
  const momentum = tf.keep(tf.scalar(how.momentum));

  return {
    read: (part) => new Map([...sets[part]].map(([name, own]) => [name, own.read()])),
    descend: (gradients, rate) =>
      tf.tidy(() => {
        const rates = { plain: tf.scalar(rate), beta: tf.scalar(rate * how.betaRateFactor) };
        for (const [name, gradient] of gradients) {
          const [value, isBeta] = [of('value', name), roles.get(name) === 'beta'];
          const now = value.read();
          const g = tf.add(gradient, tf.mul(now, how.weightDecay / (isBeta ? how.betaRateFactor : 1)));
          now.dispose();
          value.descend(of('velocity', name), g, isBeta ? rates.beta : rates.plain, momentum);
        }
      }),
    noteStatistics: (statistics) => towards('value', statistics, STATISTIC_SHARE),
    average: (share) =>
      tf.tidy(() => {
        const by = tf.scalar(share);
        for (const [name, role] of roles) {
          if (role === 'frozen') continue;
          const value = of('value', name).read();
          of('average', name).approach(value, by);
          value.dispose();
        }
      }),
    approach: (goals, share) => towards('average', goals, share),
    dispose: () => {
      for (const part of PARTS) for (const own of sets[part].values()) own.dispose();
      momentum.dispose();
    },
  };
}
