// Back from what serves to what learns: a bundle's weights, whose BatchNorms were folded into the convolutions (network/fold.ts), as the
// parameters that a training begins with.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Bundle } from '../network/bundle.ts';
import type { Network } from '../network/config.ts';
import { networkForward } from './forward.ts';
import type { Kernels } from './kernels.ts';
import { type Parameter, stageOf, valuesFor } from './parameters.ts';

export interface BundleBeginning {
  /** Of the bundle, for messages. */
  readonly folder: string;
  readonly bundle: Bundle;
  /** Whether its heads are taken, as they were before its temperatures. */
  readonly takesHeads: boolean;
  readonly network: Network;
  /** Normalised frames to train on, [b,h,w,3]; at least one batch. */
  readonly batches: Iterable<Float32Array>;
}

/**
 * `fresh` with the bundle's values. What each BatchNorm sees of the batches gives it the offset with which the network answers as the bundle
 * does, as far as its inputs spread as they did in the bundle's training. How long a kernel is means nothing before a BatchNorm, but decides
 * how fast it learns: each output channel keeps its fresh length. Stages behind its last one begin as they are. `kernels`: float32. Errors: bad-argument when the network is another one.
 */
export function parametersOfBundle(
  fresh: readonly Parameter[],
  kernels: Kernels,
  { folder, bundle, takesHeads, network, batches }: BundleBeginning,
): Parameter[] {
  const isBehindIt = ({ name }: Parameter) => stageOf(name) > bundle.model.network.stages.length;
  const taken = fresh.map((parameter) => {
    if (isBehindIt(parameter) || parameter.role === 'statistic' || (parameter.role === 'head' && !takesHeads))
      return parameter;
    return { ...parameter, values: storedValues(folder, bundle, parameter) };
  });
  const seen = statisticsAsServed(network, taken, kernels, batches);
  const stretches = new Map(
    fresh.flatMap((parameter, i) =>
      parameter.role === 'kernel'
        ? [[placeOf(parameter), stretchPerChannel(taken[i] as Parameter, parameter)] as const]
        : [],
    ),
  );
  return taken.map((parameter): Parameter => {
    if (isBehindIt(parameter)) return parameter;
    const place = placeOf(parameter);
    const channels = parameter.shape.at(-1) as number;
    const stretch = (i: number) => stretches.get(place)?.[i % channels] as number;
    const seenAs = (part: 'mean' | 'variance', i: number) => seen.get(`${place}/${part}`)?.[i] as number;
    const by = (change: (value: number, i: number) => number) => ({
      ...parameter,
      values: parameter.values.map(change),
    });
    switch (parameter.role) {
      case 'kernel':
        return by((value, i) => value * stretch(i));
      case 'beta':
        return by((bias, i) => bias + seenAs('mean', i));
      case 'statistic':
        return parameter.name.endsWith('/mean')
          ? by((_, i) => seenAs('mean', i) * stretch(i))
          : by((_, i) => seenAs('variance', i) * stretch(i) ** 2);
      case 'head': {
        const temperature = bundle.model.quality.exits[stageOf(parameter.name) - 1]?.calibration?.temperature ?? 1;
        return takesHeads ? by((value) => value * temperature) : parameter;
      }
      default:
        return parameter;
    }
  });
}

/** A parameter's name without its last part: that of its convolution. */
function placeOf({ name }: Parameter): string {
  return name.slice(0, name.lastIndexOf('/'));
}

function storedValues(folder: string, { tensors }: Bundle, parameter: Parameter): Float32Array {
  const name = parameter.role === 'beta' ? `${placeOf(parameter)}/bias` : parameter.name;
  return valuesFor(parameter, name, tensors, `the bundle in ${folder}`);
}

/** What each output channel of a kernel [k,k,in,out] is multiplied by to be as long as that of the other; 1 where it is all zeros. */
function stretchPerChannel(kernel: Parameter, like: Parameter): number[] {
  const channels = kernel.shape.at(-1) as number;
  const lengthOf = ({ values }: Parameter, channel: number) => {
    let squares = 0;
    for (let i = channel; i < values.length; i += channels) squares += (values[i] as number) ** 2;
    return Math.sqrt(squares);
  };
  return Array.from({ length: channels }, (_, channel) => {
    const stretch = lengthOf(like, channel) / lengthOf(kernel, channel);
    return stretch > 0 && Number.isFinite(stretch) ? stretch : 1;
  });
}

/** Mean and variance of what each BatchNorm would see, over all batches, while each only adds its offset, as served. */
function statisticsAsServed(
  network: Network,
  parameters: readonly Parameter[],
  kernels: Kernels,
  batches: Iterable<Float32Array>,
): Map<string, Float32Array> {
  const { tf } = kernels;
  const { height, width } = network.input;
  const asServed: Kernels = {
    ...kernels,
    batchNorm: (x, scale, offset) => ({ ...kernels.batchNorm(x, scale, offset), y: kernels.addBias(x, offset) }),
  };
  const sums = new Map<string, Float32Array>();
  let count = 0;
  for (const frames of batches) {
    count++;
    tf.tidy(() => {
      const tensors = new Map<string, Tensor>(
        parameters.map(({ name, shape, values }) => [name, tf.tensor(values, [...shape], 'float32')]),
      );
      const training = { gradients: new Map<string, Tensor>(), statistics: new Map<string, Tensor>() };
      const input = tf.tensor4d(frames, [frames.length / (height * width * 3), height, width, 3]);
      networkForward({ kernels: asServed, parameters: tensors, training }, network, input);
      for (const [name, statistic] of training.statistics) {
        const values = statistic.dataSync() as Float32Array;
        const sum = sums.get(name);
        if (sum === undefined) sums.set(name, values.slice());
        else for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (values[i] as number);
      }
    });
  }
  return new Map([...sums].map(([name, sum]) => [name, sum.map((value) => value / count)]));
}
