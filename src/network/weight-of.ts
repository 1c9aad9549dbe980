// One named weight of a bundle as a tensor on the present backend.
import * as tf from '@tensorflow/tfjs-core';
import { AnytimeError } from '../errors.ts';
import type { WeightTensor } from './bundle.ts';

/** A new tensor of the bundle's values. Errors: bad-bundle when it is not there (a bundle from `readBundle` has them all). */
export function weightOf<T extends tf.Tensor>(weights: ReadonlyMap<string, WeightTensor>, name: string): T {
  const weight = weights.get(name);
  if (weight === undefined) throw new AnytimeError('bad-bundle', `Expected a weight "${name}", got none of that name`);
  // The native backend's tensors alias the array they are made from: a copy keeps the bundle's values out of it.
  return tf.tensor(weight.data.slice(), [...weight.shape]) as T;
}
