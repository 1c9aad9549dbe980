// Stochastic gradient descent with Nesterov momentum and weight decay, and a running average of the weights.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../network/tensorflow-native.ts';
import type { Role } from './parameters.ts';

export interface Descent {
  readonly momentum: number;
  /** Share of a kernel added to its gradient. */
  readonly weightDecay: number;
  /** BatchNorm's offsets learn so many times faster, and decay as much slower (arXiv 2404.00498). */
  readonly betaRateFactor: number;
}

/** The next value and velocity of one parameter: v ← m·v + g, w ← w − rate·(g + m·v), g = gradient + decay·w. Call inside `tf.tidy`. */
export function descend(
  tf: TensorFlow,
  how: Descent,
  role: Role,
  rate: number,
  { value, velocity, gradient }: { value: Tensor; velocity: Tensor; gradient: Tensor },
): { value: Tensor; velocity: Tensor } {
  const factor = role === 'beta' ? how.betaRateFactor : 1;
  const g = tf.add(gradient, tf.mul(value, how.weightDecay / factor));
  const v = tf.add(tf.mul(velocity, how.momentum), g);
  return { value: tf.sub(value, tf.mul(tf.add(g, tf.mul(v, how.momentum)), rate * factor)), velocity: v };
}

/** average ← average + (value − average) · share. */
export function moved(tf: TensorFlow, average: Tensor, value: Tensor, share: number): Tensor {
  return tf.add(average, tf.mul(tf.sub(value, average), share));
}
