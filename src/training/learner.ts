// A network that learns: its parameters, their velocities and running averages, and one step of training. Everything it holds follows from
// its first values and the steps it took, so a checkpoint of it goes on with the same bits.
import type { Tensor } from '@tensorflow/tfjs-core';
import { AnytimeError } from '../errors.ts';
import type { StoredTensor } from '../network/checkpoint.ts';
import type { Network } from '../network/config.ts';
import { networkForward } from './forward.ts';
import type { Kernels } from './kernels.ts';
import { type Descent, descend, moved } from './optimiser.ts';
import type { Parameter, Role } from './parameters.ts';

/** Share by which BatchNorm's statistics for serving move to each batch's. */
const STATISTIC_SHARE = 0.1;
/** Parameters of a stage's body, and which stage. */
const BODY_NAME = /^stage\/(\d+)\/(?:frame|trunk)\//;

export interface StepInput {
  /** [b,h,w,3], normalised */
  readonly frames: Float32Array;
  readonly labels: ArrayLike<number>;
  /** How much each exit's loss counts in the body; the heads learn their own loss whole. */
  readonly weights: readonly number[];
  /** What the gradients of each stage's body are multiplied by (equilibrium.ts). Default: as they are. */
  readonly bodyShares?: readonly number[];
  readonly rate: number;
  /** Share by which the running average of the weights moves to the new ones. */
  readonly averageShare: number;
}

export interface Learner {
  /** One step. Answers the mean loss and the share of right answers of each exit on this batch. */
  step(input: StepInput): { losses: number[]; accuracies: number[] };
  /** Softmax scores [b, classes] of each exit, with the averaged weights, as served. */
  scores(frames: Float32Array): Float32Array[];
  /** Set BatchNorm's averaged statistics to the mean over these batches, which fit the averaged weights exactly. */
  calibrate(batches: Iterable<Float32Array>): void;
  /** The averaged parameters: what is validated and exported. */
  averages(): Map<string, StoredTensor>;
  /** Everything, for a checkpoint. */
  store(): Map<string, StoredTensor>;
  dispose(): void;
}

const PARTS = ['value', 'velocity', 'average'] as const;

/** `stored` continues where `store` left off. Errors: bad-argument when it does not fit the parameters. */
export function createLearner(
  kernels: Kernels,
  network: Network,
  classes: number,
  parameters: readonly Parameter[],
  how: Descent & { readonly labelSmoothing: number },
  stored: ReadonlyMap<string, StoredTensor> | null = null,
  /** What validation and calibration run on: float32, as serving. */
  exact: Kernels = kernels,
): Learner {
  const { tf } = kernels;
  const roles = new Map<string, Role>(parameters.map(({ name, role }) => [name, role]));
  const sets = Object.fromEntries(PARTS.map((part) => [part, new Map<string, Tensor>()])) as Record<
    (typeof PARTS)[number],
    Map<string, Tensor>
  >;
  for (const { name, role, shape, values } of parameters) {
    for (const part of PARTS) {
      if (part === 'velocity' && !isTrained(role)) continue;
      const first = part === 'velocity' ? new Float32Array(values.length) : values;
      const data = stored === null ? first : valuesOf(stored, `${part}/${name}`, first.length);
      sets[part].set(name, tf.keep(tf.tensor(data.slice(), [...shape], 'float32'))); // the tensor aliases its values
    }
  }
  const replace = (set: Map<string, Tensor>, name: string, next: Tensor) => {
    set.get(name)?.dispose();
    set.set(name, tf.keep(next));
  };
  const { height, width } = network.input;
  const shaped = (frames: Float32Array) =>
    tf.tensor4d(frames, [frames.length / (height * width * 3), height, width, 3]);

  /** Forward and backward: every parameter's gradient, every BatchNorm's statistics, each exit's outcome on the batch. */
  const look = ({ frames, labels, weights, bodyShares }: StepInput) => {
    const training = { gradients: new Map<string, Tensor>(), statistics: new Map<string, Tensor>() };
    const pass = { kernels, parameters: sets.value, training };
    const { logits, backward } = networkForward(pass, network, shaped(frames), weights);
    const targets = tf.tensor2d(smoothed(labels, classes, how.labelSmoothing), [labels.length, classes]);
    const outcomes = logits.map((z) => kernels.softmaxLoss(z, targets)); // loss [b], dLogits [b, classes]
    backward(outcomes.map(({ dLogits }) => tf.mul(dLogits, 1 / labels.length)));
    if (bodyShares !== undefined) {
      for (const [name, gradient] of training.gradients) {
        const share = bodyShares[Number(BODY_NAME.exec(name)?.[1] ?? 0) - 1] ?? 1; // a head learns its own loss whole
        if (share !== 1) training.gradients.set(name, tf.mul(gradient, share));
      }
    }
    const losses = outcomes.map(({ loss }) => tf.mean(loss).dataSync()[0] as number);
    const accuracies = logits.map((z) => shareRight(z.argMax(1).dataSync(), labels));
    return { ...training, losses, accuracies };
  };
  const learn = (gradients: ReadonlyMap<string, Tensor>, rate: number) => {
    for (const [name, gradient] of gradients) {
      const [value, velocity] = [tensorOf(sets.value, name), tensorOf(sets.velocity, name)];
      const next = descend(tf, how, roles.get(name) as Role, rate, { value, velocity, gradient });
      replace(sets.value, name, next.value);
      replace(sets.velocity, name, next.velocity);
    }
  };
  const approach = (set: Map<string, Tensor>, name: string, goal: Tensor, share: number) =>
    replace(set, name, moved(tf, tensorOf(set, name), goal, share));

  return {
    step: (input) =>
      tf.tidy(() => {
        const { gradients, statistics, losses, accuracies } = look(input);
        if (losses.some((loss) => !Number.isFinite(loss))) {
          throw new AnytimeError(
            'engine-failed',
            `Expected finite losses, got ${losses.join(', ')}: the rate is too high for this network`,
          );
        }
        learn(gradients, input.rate);
        for (const [name, statistic] of statistics) approach(sets.value, name, statistic, STATISTIC_SHARE);
        for (const [name, role] of roles) {
          if (role !== 'frozen') approach(sets.average, name, tensorOf(sets.value, name), input.averageShare);
        }
        return { losses, accuracies };
      }),
    scores: (frames) =>
      tf.tidy(() => {
        const { logits } = networkForward(
          { kernels: exact, parameters: sets.average, training: null },
          network,
          shaped(frames),
        );
        return logits.map((z) => tf.softmax(z).dataSync() as Float32Array);
      }),
    calibrate: (batches) => {
      let count = 0;
      for (const frames of batches) {
        count++;
        tf.tidy(() => {
          const training = { gradients: new Map<string, Tensor>(), statistics: new Map<string, Tensor>() };
          networkForward({ kernels: exact, parameters: sets.average, training }, network, shaped(frames));
          for (const [name, statistic] of training.statistics) {
            approach(sets.average, name, statistic, 1 / count);
          }
        });
      }
    },
    averages: () => contents(sets.average, ''),
    store: () => new Map(PARTS.flatMap((part) => [...contents(sets[part], `${part}/`)])),
    dispose: () => {
      for (const part of PARTS) for (const tensor of sets[part].values()) tensor.dispose();
    },
  };
}

function tensorOf(tensors: ReadonlyMap<string, Tensor>, name: string): Tensor {
  return tensors.get(name) as Tensor; // every parameter is in `value` and `average`, every trained one in `velocity`
}

function isTrained(role: Role): boolean {
  return role === 'kernel' || role === 'beta' || role === 'head';
}

function valuesOf(stored: ReadonlyMap<string, StoredTensor>, name: string, length: number): Float32Array {
  const data = stored.get(name)?.data;
  if (data?.length !== length) {
    throw new AnytimeError(
      'bad-argument',
      `Expected ${name} with ${length} values in the checkpoint, got ${data?.length ?? 'none'}`,
    );
  }
  return data;
}

function contents(tensors: ReadonlyMap<string, Tensor>, prefix: string): Map<string, StoredTensor> {
  return new Map(
    [...tensors].map(([name, t]) => [prefix + name, { shape: t.shape, data: Float32Array.from(t.dataSync()) }]),
  );
}

/** One-hot rows with `smoothing` spread over all classes. */
function smoothed(labels: ArrayLike<number>, classes: number, smoothing: number): Float32Array {
  const rows = new Float32Array(labels.length * classes).fill(smoothing / classes);
  for (let i = 0; i < labels.length; i++)
    rows[i * classes + (labels[i] as number)] = 1 - smoothing + smoothing / classes;
  return rows;
}

function shareRight(answers: ArrayLike<number>, labels: ArrayLike<number>): number {
  let right = 0;
  for (let i = 0; i < labels.length; i++) if (answers[i] === labels[i]) right++;
  return right / labels.length;
}
