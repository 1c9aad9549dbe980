// Convolution without bias (the BatchNorm after it has one), same padding.
import type { Tensor } from '@tensorflow/tfjs-core';
import { type Forward, type Pass, parameter } from './pass.ts';

/** x [b,h,w,in] → y [b,⌈h/stride⌉,⌈w/stride⌉,out]. Parameter: `{name}/kernel` [k,k,in,out]. */
export function convolution(pass: Pass, name: string, x: Tensor, stride: number, wantsInputGradient: boolean): Forward {
  const { kernels, training } = pass;
  const kernel = parameter(pass, `${name}/kernel`);
  return {
    y: kernels.conv2d(x, kernel, stride),
    backward: (dy) => {
      training?.gradients.set(`${name}/kernel`, kernels.conv2dKernelGradient(x, kernel.shape, dy, stride));
      return wantsInputGradient ? kernels.conv2dInputGradient(x.shape, kernel, dy, stride) : null;
    },
  };
}
