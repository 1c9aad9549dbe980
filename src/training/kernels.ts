// The native library's kernels that a training step is made of, called directly: about twice as fast as tfjs operations with autodiff,
// because BatchNorm stays one kernel forward and one backward. Activations are NHWC, kernels [height, width, in, out].
// Activations and their gradients are float32 or bfloat16; parameters, their gradients, statistics and losses are always float32. tfjs knows
// no bfloat16: a tensor of it says float32 and must only be given to these kernels, never read (toFloat makes it readable).
import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../network/tensorflow-native.ts';
import { BFLOAT16, nativeOperations } from './native-operations.ts';

/** BatchNorm's output with what its backward pass needs. */
export interface Normalised {
  readonly y: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly saved: readonly [Tensor, Tensor, Tensor];
}

export const BATCH_NORM_EPSILON = 1e-5;

export const PRECISIONS = ['float32', 'bfloat16'] as const;
/** Of activations and their gradients. bfloat16 pays on processors with AVX512-BF16 or AMX only; elsewhere it is slower. */
export type Precision = (typeof PRECISIONS)[number];

export type Kernels = ReturnType<typeof nativeKernels>;

export function nativeKernels(tf: TensorFlow, precision: Precision = 'float32') {
  const { attribute, run, runAll, FLOAT, INT32 } = nativeOperations(tf);
  const typeOf = (name: string, value: number) => attribute('TYPE', name, value);
  const ints = (name: string, value: number | number[]) => attribute('INT', name, value);
  const text = (name: string, value: string) => attribute('STRING', name, value);
  const float = (name: string, value: number) => attribute('FLOAT', name, value);
  const bool = (name: string, value: boolean) => attribute('BOOL', name, value);
  const ACTIVATION = precision === 'float32' ? FLOAT : BFLOAT16;
  const T = typeOf('T', ACTIVATION);
  const NHWC = text('data_format', 'NHWC');

  const convolution = (stride: number) => [
    T,
    ints('strides', [1, stride, stride, 1]),
    text('padding', 'SAME'),
    NHWC,
    ints('dilations', [1, 1, 1, 1]),
    bool('use_cudnn_on_gpu', true),
  ];
  const pooling = (size: number) => [
    T,
    ints('ksize', [1, size, size, 1]),
    ints('strides', [1, size, size, 1]),
    text('padding', 'VALID'),
    NHWC,
  ];
  const batchNormAttributes = (isTraining: boolean) => [
    T,
    typeOf('U', FLOAT),
    float('epsilon', BATCH_NORM_EPSILON),
    NHWC,
    bool('is_training', isTraining),
  ];
  const cast = (x: Tensor, from: number, to: number) =>
    from === to ? x : run('Cast', [typeOf('SrcT', from), typeOf('DstT', to), bool('Truncate', false)], x);
  const toActivation = (x: Tensor) => cast(x, FLOAT, ACTIVATION);
  const toFloat = (x: Tensor) => cast(x, ACTIVATION, FLOAT);
  /** Shapes go to the kernels as int32 tensors; one each is kept for good. */
  const shapes = new Map<string, Tensor>();
  const shapeTensor = (shape: readonly number[]) => {
    const key = shape.join();
    const known = shapes.get(key);
    if (known !== undefined) return known;
    const made = tf.keep(tf.tensor1d([...shape], 'int32'));
    shapes.set(key, made);
    return made;
  };

  const channelAxis = tf.keep(tf.scalar(3, 'int32'));

  return {
    tf,
    precision,
    /** float32 → the precision of activations. */
    toActivation,
    /** An activation as float32, for everything outside these kernels. */
    toFloat,
    add: (a: Tensor, b: Tensor) => run('AddV2', [T], a, b),
    /** x [b,h,w,c] + bias [c], which is float32. */
    addBias: (x: Tensor, bias: Tensor) => run('BiasAdd', [T, NHWC], x, toActivation(bias)),
    /** Along channels. */
    concat: (parts: readonly Tensor[]) =>
      run('ConcatV2', [T, ints('N', parts.length), typeOf('Tidx', INT32)], ...parts, channelAxis),
    /** The first `channels` of x and the rest. */
    splitChannels: (x: Tensor, channels: number): [Tensor, Tensor] => {
      const rest = (x.shape[3] as number) - channels;
      const attributes = [ints('num_split', 2), T, typeOf('Tlen', INT32)];
      return runAll('SplitV', attributes, [x, shapeTensor([channels, rest]), channelAxis], 2) as [Tensor, Tensor];
    },
    /** x [b,h,w,in,h,w,in] ∗ kernel [k,k,in,out] → [b,⌈h/stride⌉,⌈w/stride⌉,out] */
    conv2d: (x: Tensor, kernel: Tensor, stride: number) => run('Conv2D', convolution(stride), x, toActivation(kernel)),
    /** Gradient for x of the shape given. */
    conv2dInputGradient: (shape: readonly number[], kernel: Tensor, dy: Tensor, stride: number) =>
      run('Conv2DBackpropInput', convolution(stride), shapeTensor(shape), toActivation(kernel), dy),
    /** Gradient for the kernel of the shape given. */
    conv2dKernelGradient: (x: Tensor, shape: readonly number[], dy: Tensor, stride: number) =>
      toFloat(run('Conv2DBackpropFilter', convolution(stride), x, shapeTensor(shape), dy)),
    /** Normalise by the batch's own mean and variance: y = (x − mean) / √(variance + ε) · scale + offset. */
    batchNorm: (x: Tensor, scale: Tensor, offset: Tensor): Normalised => {
      const empty = tf.tensor1d([], 'float32');
      const outputs = runAll('FusedBatchNormV3', batchNormAttributes(true), [x, scale, offset, empty, empty], 6);
      const [y, mean, variance, a, b, c] = outputs as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
      return { y, mean, variance, saved: [a, b, c] };
    },
    /** Normalise by mean and variance given, as in serving. */
    batchNormByStatistics: (x: Tensor, scale: Tensor, offset: Tensor, mean: Tensor, variance: Tensor): Tensor => {
      const inputs = [x, scale, offset, mean, variance];
      return runAll('FusedBatchNormV3', batchNormAttributes(false), inputs, 6)[0] as Tensor;
    },
    /** Gradients for x and for the offset. */
    batchNormGradient: (
      x: Tensor,
      scale: Tensor,
      saved: Normalised['saved'],
      dy: Tensor,
    ): { dx: Tensor; dOffset: Tensor } => {
      const outputs = runAll('FusedBatchNormGradV3', batchNormAttributes(true), [dy, x, scale, ...saved], 5);
      return { dx: outputs[0] as Tensor, dOffset: outputs[2] as Tensor };
    },
    relu: (x: Tensor) => run('Relu', [T], x),
    /** y is the ReLU's output (or its input: the sign is the same). */
    reluGradient: (y: Tensor, dy: Tensor) => run('ReluGrad', [T], dy, y),
    maxPool: (x: Tensor, size: number) => run('MaxPool', pooling(size), x),
    maxPoolGradient: (x: Tensor, y: Tensor, dy: Tensor, size: number) => run('MaxPoolGrad', pooling(size), x, y, dy),
    /** logits, targets [b, classes] → loss per frame [b] and its gradient for the logits. */
    softmaxLoss: (logits: Tensor, targets: Tensor): { loss: Tensor; dLogits: Tensor } => {
      const outputs = runAll('SoftmaxCrossEntropyWithLogits', [typeOf('T', FLOAT)], [logits, targets], 2);
      return { loss: outputs[0] as Tensor, dLogits: outputs[1] as Tensor };
    },
    /** Free what the kernels keep for themselves. */
    dispose: () => {
      for (const tensor of [...shapes.values(), channelAxis]) tensor.dispose();
      shapes.clear();
    },
  };
}
