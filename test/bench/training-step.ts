// One training step in parts, as src/training/learner.ts takes it, put together here from the same pieces so that each part can be timed. A
// part ends with reading a value of its last output: on a GPU work is queued, and time would else go to the part that waits for it.
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Network } from '../../src/network/config.ts';
import type { TensorFlow } from '../../src/network/tensorflow-native.ts';
import { makeBatch } from '../../src/training/augment.ts';
import { networkForward } from '../../src/training/forward.ts';
import type { FrameSet } from '../../src/training/frames.ts';
import { nativeKernels, type Precision } from '../../src/training/kernels.ts';
import { createOptimiser } from '../../src/training/optimiser.ts';
import { initialParameters, isTrained } from '../../src/training/parameters.ts';
import { random, shuffled } from '../../src/training/random.ts';

/** Milliseconds of each part of one step. */
export interface StepMs {
  readonly data: number;
  readonly forward: number;
  readonly backward: number;
  readonly optimiser: number;
}

export interface StepSettings {
  readonly network: Network;
  readonly classes: number;
  /** Frames a step. */
  readonly batch: number;
  readonly precision: Precision;
  readonly threads: number;
  readonly rate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly betaRateFactor: number;
  readonly labelSmoothing: number;
}

/** What a step is measured with: sizes as in training, pixels drawn from a seed (what they show does not change the time). */
export function stepSettings(
  network: Network,
  batch: number,
  precision: Precision,
  threads = availableParallelism(),
): StepSettings {
  const descent = { rate: 0.01, momentum: 0.9, weightDecay: 0.0006, betaRateFactor: 8 };
  return { network, classes: 10, batch, precision, threads, ...descent, labelSmoothing: 0.1 };
}

export interface TrainingStep {
  /** Runs one step; the loss is the sum over the exits. */
  run(): { ms: StepMs; loss: number };
  /** Trained values of the network. */
  readonly parameters: number;
  dispose(): void;
}

const AUGMENTATION = { shift: 2, flips: true, cutout: 0 };
const NORMALISATION = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] } as const;

export function createTrainingStep(tf: TensorFlow, settings: StepSettings): TrainingStep {
  const { network, classes, batch } = settings;
  const kernels = nativeKernels(tf, settings.precision);
  const source = random(1, 'bench');
  const frames = drawnFrames(network, classes, 4 * batch);
  const parameters = initialParameters(network, classes, source, (kernel, out) =>
    Float32Array.from({ length: kernel * kernel * 3 * out }, () => 0.1 * source.normal()),
  );
  const trained = parameters.filter(({ role }) => isTrained(role));
  const optimiser = createOptimiser(tf, settings, parameters, (part, { values }) =>
    part === 'velocity' ? new Float32Array(values.length) : values.slice(),
  ); // the tensor aliases its values
  const force = (tensor: Tensor | undefined) => tensor?.flatten().slice(0, 1).dataSync();

  return {
    parameters: trained.reduce((sum, { values }) => sum + values.length, 0),
    run: () =>
      tf.tidy(() => {
        const times = [performance.now()];
        const lap = () => times.push(performance.now());

        const order = shuffled(frames.labels.length, source).subarray(0, batch);
        const pixels = makeBatch(frames, { mean: [...NORMALISATION.mean], std: [...NORMALISATION.std] }, order, {
          by: AUGMENTATION,
          epoch: 0,
          source,
        });
        const rows = new Float32Array(batch * classes).fill(settings.labelSmoothing / classes);
        order.forEach((frame, i) => {
          rows[i * classes + (frames.labels[frame] as number)] = 1 - settings.labelSmoothing * (1 - 1 / classes);
        });
        lap();

        const { height, width } = network.input;
        const training = { gradients: new Map<string, Tensor>(), statistics: new Map<string, Tensor>() };
        const weights = network.stages.map(() => 1);
        const values = optimiser.read('value');
        const frame = tf.tensor4d(pixels, [batch, height, width, 3]);
        const { logits, backward } = networkForward({ kernels, parameters: values, training }, network, frame, weights);
        const targets = tf.tensor2d(rows, [batch, classes]);
        const outcomes = logits.map((z) => kernels.softmaxLoss(z, targets)); // loss [b], dLogits [b, classes]
        const losses = outcomes.map(({ loss }) => tf.mean(loss).dataSync()[0] as number);
        lap();

        backward(outcomes.map(({ dLogits }) => tf.mul(dLogits, 1 / batch)));
        force([...training.gradients.values()].at(-1));
        lap();

        for (const view of values.values()) view.dispose();
        optimiser.descend(training.gradients, settings.rate);
        optimiser.noteStatistics(training.statistics);
        optimiser.average(0.01);
        force([...optimiser.read('average').values()].at(-1));
        lap();

        const [data = 0, forward = 0, back = 0, descent = 0] = times.slice(1).map((t, i) => t - (times[i] as number));
        return {
          ms: { data, forward, backward: back, optimiser: descent },
          loss: losses.reduce((sum, own) => sum + own, 0),
        };
      }),
    dispose: () => {
      optimiser.dispose();
      kernels.dispose();
    },
  };
}

function drawnFrames({ input }: Network, classes: number, count: number): FrameSet {
  const source = random(2, 'bench');
  return {
    name: 'drawn',
    classes: Array.from({ length: classes }, (_, c) => `class-${c}`),
    height: input.height,
    width: input.width,
    pixels: Uint8Array.from({ length: count * input.height * input.width * 3 }, () => source.below(256)),
    labels: Uint16Array.from({ length: count }, (_, f) => f % classes),
  };
}
