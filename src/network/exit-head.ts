// Exit head: the classifier after a stage. ReLU → mean over height and width → linear → softmax.
import * as tf from '@tensorflow/tfjs-core';
import type { WeightTensor } from './bundle.ts';
import { headName } from './shapes.ts';
import { weightOf } from './weight-of.ts';

export interface ExitHead {
  readonly kernel: tf.Tensor2D; // [channels, classes]
  readonly bias: tf.Tensor1D; // [classes]
}

/** The head after `stage` (from 1) with a bundle's weights; its tensors belong to whoever built it. */
export function buildExitHead(stage: number, weights: ReadonlyMap<string, WeightTensor>): ExitHead {
  return {
    kernel: weightOf<tf.Tensor2D>(weights, headName(stage, 'kernel')),
    bias: weightOf<tf.Tensor1D>(weights, headName(stage, 'bias')),
  };
}

/** Activations [N, height, width, channels] → probabilities of the classes [N, classes], a new tensor. */
export function exitScores(head: ExitHead, activations: tf.Tensor4D): tf.Tensor2D {
  return tf.tidy(() => {
    const pooled = tf.mean(tf.relu(activations), [1, 2]) as tf.Tensor2D; // [N, channels]
    const logits = tf.add(tf.matMul(pooled, head.kernel), head.bias) as tf.Tensor2D; // [N, classes]
    return tf.softmax(logits);
  });
}
