// One folded convolution of a unit: convolution → max-pool → bias → ReLU, in the order that is fastest on the backend.
import * as tf from '@tensorflow/tfjs-core';
import { convolveNatively } from './native-convolution.ts';

export interface Convolution {
  readonly kernel: tf.Tensor4D; // [k, k, in, out]
  readonly bias: tf.Tensor1D; // [out]
  readonly stride: number;
  /** Window and stride of the max-pool after it; 1 = none. */
  readonly pool: number;
  readonly hasRelu: boolean;
}

/** x [N, height, width, in] → a new tensor [N, height', width', out]. Call it inside `tf.tidy`. */
export function convolve(x: tf.Tensor4D, convolution: Convolution): tf.Tensor4D {
  if (tf.getBackend() === 'tensorflow') return convolveNatively(x, convolution);
  const { kernel, bias, stride, pool, hasRelu } = convolution;
  // Bias and ReLU keep order, so pooling after them equals pooling before them, and the fused kernel does them for nothing.
  const activation = hasRelu ? 'relu' : 'linear';
  const y = tf.fused.conv2d({ x, filter: kernel, strides: stride, pad: 'same', bias, activation });
  return pool === 1 ? y : tf.maxPool(y, pool, pool, 'valid');
}
