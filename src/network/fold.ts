// Folds a trained network into what serving runs: each BatchNorm goes into the convolution before it.

import { AnytimeError } from '../errors.ts';
import type { Network, Unit } from './config.ts';
import { tensorName } from './model.ts';
import { headName, stageShapes } from './shapes.ts';

interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface FoldOptions {
  /** ε of the BatchNorm in training. */
  readonly epsilon: number;
  /** Constant by which the trained heads multiply their logits; it goes into their kernels and biases. */
  readonly logitScale: number;
}

/**
 * From trained tensors (kernel, beta, mean, variance) to those of a bundle (kernel, bias), by the names of `tensorName`:
 * kernel' = kernel / √(variance + ε), bias' = beta − mean / √(variance + ε), per output channel. The scale is positive, so a max-pool between
 * convolution and BatchNorm changes nothing. Errors: bad-bundle when a tensor is missing.
 */
export function fold(
  network: Network,
  trained: ReadonlyMap<string, Values>,
  { epsilon, logitScale }: FoldOptions,
): Map<string, Values> {
  const folded = new Map<string, Values>();
  const get = (name: string): Values => {
    const values = trained.get(name);
    if (values === undefined)
      throw new AnytimeError('bad-bundle', `Expected a trained tensor named ${name}, got none of that name`);
    return values;
  };
  stageShapes(network).forEach((shapes, index) => {
    const s = index + 1;
    const stage = network.stages[index] as Network['stages'][number];
    for (const branch of ['frame', 'trunk'] as const) {
      shapes[branch].forEach((unitShape, u) => {
        const unit = stage[branch][u] as Unit;
        unitShape.convolutions.forEach((_, c) => {
          const name = (part: string) => tensorName(s, branch, u, c, part);
          const kernel = get(name('kernel'));
          if (unit.kind === 'whiten') {
            folded.set(name('kernel'), kernel).set(name('bias'), get(name('bias')));
            return;
          }
          const out = kernel.shape[3] as number;
          const scale = get(name('variance')).data.map((variance) => 1 / Math.sqrt(variance + epsilon));
          const mean = get(name('mean')).data;
          const beta = get(name('beta')).data;
          folded.set(name('kernel'), {
            shape: kernel.shape,
            data: kernel.data.map((value, i) => value * (scale[i % out] as number)),
          });
          folded.set(name('bias'), {
            shape: [out],
            data: beta.map((value, o) => value - (mean[o] as number) * (scale[o] as number)),
          });
        });
      });
    }
    for (const part of ['kernel', 'bias'] as const) {
      const { shape, data } = get(headName(s, part));
      folded.set(headName(s, part), { shape, data: data.map((value) => value * logitScale) });
    }
  });
  return folded;
}
