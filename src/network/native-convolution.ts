// A folded convolution by the native library's kernels, called directly: tfjs's checks cost 75 µs a convolution, a fifth of one
// at batch 1, and its fused kernel is three kernels there anyway. So the pool goes first and leaves less for bias and ReLU.
import * as tf from '@tensorflow/tfjs-core';
import type { Convolution } from './convolution.ts';

interface Attribute {
  readonly name: string;
  readonly type: number | undefined;
  readonly value: unknown;
}

/** The part of the addon's backend used here; its typings leave it out. */
interface NativeBackend {
  readonly binding: Readonly<Record<string, number>>;
  executeSingleOutput(kernel: string, attributes: readonly Attribute[], inputs: readonly tf.Tensor[]): tf.Tensor;
}

/** x [N, height, width, in] → a new tensor [N, height', width', out]; backend `tensorflow` only, inside `tf.tidy`. */
export function convolveNatively(x: tf.Tensor4D, { kernel, bias, stride, pool, hasRelu }: Convolution): tf.Tensor4D {
  const backend = tf.backend() as unknown as NativeBackend;
  const { type, layout, convolution, pooling } = attributesOf(backend, stride, pool);
  const run = (name: string, attributes: readonly Attribute[], ...inputs: tf.Tensor[]) =>
    backend.executeSingleOutput(name, attributes, inputs);
  let y = run('Conv2D', convolution, x, kernel);
  if (pool !== 1) y = run('MaxPool', pooling, y);
  y = run('BiasAdd', [type, layout], y, bias);
  return (hasRelu ? run('Relu', [type], y) : y) as tf.Tensor4D;
}

interface Attributes {
  readonly type: Attribute;
  readonly layout: Attribute;
  readonly convolution: readonly Attribute[];
  readonly pooling: readonly Attribute[];
}

const known = new Map<string, Attributes>();

function attributesOf({ binding }: NativeBackend, stride: number, pool: number): Attributes {
  const key = `${stride}/${pool}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const type = { name: 'T', type: binding['TF_ATTR_TYPE'], value: binding['TF_FLOAT'] };
  const layout = { name: 'data_format', type: binding['TF_ATTR_STRING'], value: 'NHWC' };
  const ints = (name: string, value: number[]) => ({ name, type: binding['TF_ATTR_INT'], value });
  const padding = (value: string) => ({ name: 'padding', type: binding['TF_ATTR_STRING'], value });
  const made: Attributes = {
    type,
    layout,
    convolution: [
      type,
      layout,
      padding('SAME'),
      ints('strides', [1, stride, stride, 1]),
      ints('dilations', [1, 1, 1, 1]),
    ],
    pooling: [type, layout, padding('VALID'), ints('ksize', [1, pool, pool, 1]), ints('strides', [1, pool, pool, 1])],
  };
  known.set(key, made);
  return made;
}
