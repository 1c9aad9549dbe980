// A network that learns: its parameters, their velocities and running averages, and one step of training. Everything it holds follows from
// its first values and the steps it took, so a checkpoint of it goes on with the same bits.
import type { Tensor } from '@tensorflow/tfjs-core';
import { AnytimeError } from '../errors.ts';
import type { StoredTensor } from '../network/checkpoint.ts';
import type { Network } from '../network/config.ts';
import { networkForward } from './forward.ts';
import type { Kernels } from './kernels.ts';
import { createOptimiser, type Descent, PARTS, type Part } from './optimiser.ts';
import type { Parameter } from './parameters.ts';

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
  const optimiser = createOptimiser(tf, how, parameters, (part, { name, values }) => {
    if (stored !== null) return valuesOf(stored, `${part}/${name}`, values.length).slice(); // the tensor aliases its values
    return part === 'velocity' ? new Float32Array(values.length) : values.slice();
  });
  const { height, width } = network.input;
  const shaped = (frames: Float32Array) =>
    tf.tensor4d(frames, [frames.length / (height * width * 3), height, width, 3]);

  /** Forward and backward: every parameter's gradient, every BatchNorm's statistics, each exit's outcome on the batch. */
  const look = ({ frames, labels, weights, bodyShares }: StepInput, parameters: ReadonlyMap<string, Tensor>) => {
    const training = { gradients: new Map<string, Tensor>(), statistics: new Map<string, Tensor>() };
    const pass = { kernels, parameters, training };
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
  /** With views of a part's values, which are given back afterwards. */
  const reading = <T>(part: Part, act: (values: ReadonlyMap<string, Tensor>) => T): T => {
    const values = optimiser.read(part);
    try {
      return act(values);
    } finally {
      for (const view of values.values()) view.dispose();
    }
  };

  return {
    step: (input) =>
      tf.tidy(() => {
        const { gradients, statistics, losses, accuracies } = reading('value', (values) => look(input, values));
        if (losses.some((loss) => !Number.isFinite(loss))) {
          throw new AnytimeError(
            'engine-failed',
            `Expected finite losses, got ${losses.join(', ')}: the rate is too high for this network`,
          );
        }
        optimiser.descend(gradients, input.rate);
        optimiser.noteStatistics(statistics);
        optimiser.average(input.averageShare);
        return { losses, accuracies };
      }),
    scores: (frames) =>
      tf.tidy(() =>
        reading('average', (averages) => {
          const pass = { kernels: exact, parameters: averages, training: null };
          const { logits } = networkForward(pass, network, shaped(frames));
          return logits.map((z) => tf.softmax(z).dataSync() as Float32Array);
        }),
      ),
    calibrate: (batches) => {
      let count = 0;
      for (const frames of batches) {
        count++;
        tf.tidy(() => {
          const training = { gradients: new Map<string, Tensor>(), statistics: new Map<string, Tensor>() };
          reading('average', (averages) =>
            networkForward({ kernels: exact, parameters: averages, training }, network, shaped(frames)),
          );
          optimiser.approach(training.statistics, 1 / count);
        });
      }
    },
    averages: () => reading('average', (values) => contents(values, '')),
    store: () => new Map(PARTS.flatMap((part) => reading(part, (values) => [...contents(values, `${part}/`)]))),
    dispose: optimiser.dispose,
  };
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
