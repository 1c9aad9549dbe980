// BatchNorm over the batch and all positions, with an offset (beta) but no scale of its own, so that its scale 1/σ is always positive.
import type { Tensor } from '@tensorflow/tfjs-core';
import { type Forward, type Pass, parameter } from './pass.ts';

/** x [b,h,w,c] → y alike. Parameters: `{name}/beta`, and for serving `{name}/mean`, `{name}/variance`, all [c]. */
export function batchNorm(pass: Pass, name: string, x: Tensor): Forward {
  const { kernels, training } = pass;
  const beta = parameter(pass, `${name}/beta`);
  const scale = kernels.tf.ones(beta.shape);
  if (training === null) {
    const [mean, variance] = [parameter(pass, `${name}/mean`), parameter(pass, `${name}/variance`)];
    return { y: kernels.batchNormByStatistics(x, scale, beta, mean, variance), backward: () => null };
  }
  const { y, mean, variance, saved } = kernels.batchNorm(x, scale, beta);
  training.statistics.set(`${name}/mean`, mean);
  training.statistics.set(`${name}/variance`, variance);
  return {
    y,
    backward: (dy) => {
      const { dx, dOffset } = kernels.batchNormGradient(x, scale, saved, dy);
      training.gradients.set(`${name}/beta`, dOffset);
      return dx;
    },
  };
}
