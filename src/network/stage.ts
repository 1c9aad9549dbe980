// THE primitive of the product: run one stage on a batch of activations. A stage is the part of the network between two
// exits. Knows tensors and weights (BatchNorm folded); knows nothing of frames' handles, scheduling, budgets or training.
import * as tf from '@tensorflow/tfjs-core';
import { AnytimeError } from '../errors.ts';
import type { WeightTensor } from './bundle.ts';
import type { Network, Stage, Unit } from './config.ts';
import { type Convolution, convolve } from './convolution.ts';
import { buildExitHead, type ExitHead } from './exit-head.ts';
import { tensorName } from './model.ts';
import { weightOf } from './weight-of.ts';

interface BuiltUnit {
  readonly kind: Unit['kind'];
  readonly convolutions: readonly Convolution[];
}

/** A stage with its weights on the present backend; its tensors belong to whoever built it. */
export interface BuiltStage {
  readonly takes: Stage['takes'];
  readonly frame: readonly BuiltUnit[];
  readonly trunk: readonly BuiltUnit[];
  readonly head: ExitHead;
}

/** What a stage reads: batches of N frames. `frame` is normalised; each may be left out where the stage does not take it. */
export interface StageTensors {
  readonly activations?: tf.Tensor4D | undefined; // [N, height, width, channels]
  readonly frame?: tf.Tensor4D | undefined; // [N, height, width, 3]
}

/** The stages of a network with these weights (a bundle's), as tensors on the present backend. */
export function buildStages(network: Network, weights: ReadonlyMap<string, WeightTensor>): BuiltStage[] {
  return network.stages.map((stage, index) => {
    const s = index + 1;
    const build = (branch: 'frame' | 'trunk') =>
      stage[branch].map((unit, u) => ({
        kind: unit.kind,
        convolutions: convolutionsOf(unit, s, branch, u, weights),
      }));
    return { takes: stage.takes, frame: build('frame'), trunk: build('trunk'), head: buildExitHead(s, weights) };
  });
}

function convolutionsOf(
  unit: Unit,
  stage: number,
  branch: 'frame' | 'trunk',
  index: number,
  weights: ReadonlyMap<string, WeightTensor>,
): Convolution[] {
  const stride = unit.kind === 'residual' ? 1 : unit.stride;
  const pool = unit.kind === 'conv' ? (unit.pool ?? 1) : 1;
  // The second convolution of a residual unit has its ReLU after the addition.
  const relus = unit.kind === 'residual' ? [true, false] : [unit.kind === 'conv'];
  return relus.map((hasRelu, c) => ({
    kernel: weightOf<tf.Tensor4D>(weights, tensorName(stage, branch, index, c, 'kernel')), // [k, k, in, out]
    bias: weightOf<tf.Tensor1D>(weights, tensorName(stage, branch, index, c, 'bias')), // [out]
    stride,
    pool,
    hasRelu,
  }));
}

/**
 * Run the stage: the activations it hands on, [N, height, width, channels], a new tensor that the caller disposes.
 * Errors: bad-argument without the tensors that the stage takes.
 */
export function runStage(stage: BuiltStage, { activations, frame }: StageTensors): tf.Tensor4D {
  return tf.tidy(() => {
    const fromFrame = frame && runUnits(stage.frame, frame);
    const inputs = { frame: [fromFrame], activations: [activations], both: [fromFrame, activations] }[stage.takes];
    const present = inputs.filter((tensor) => tensor !== undefined);
    const joined = present.length > 1 ? tf.concat(present, 3) : present[0];
    if (joined === undefined || present.length < inputs.length)
      throw new AnytimeError(
        'bad-argument',
        `Expected all tensors of a stage that takes "${stage.takes}", got too few`,
      );
    return runUnits(stage.trunk, joined);
  });
}

function runUnits(units: readonly BuiltUnit[], input: tf.Tensor4D): tf.Tensor4D {
  return units.reduce((x, unit) => runUnit(unit, x), input);
}

function runUnit({ kind, convolutions }: BuiltUnit, x: tf.Tensor4D): tf.Tensor4D {
  const y = convolutions.reduce(convolve, x);
  return kind === 'residual' ? tf.relu(tf.add<tf.Tensor4D>(x, y)) : y;
}
