// Unit `residual`: conv-BN-ReLU-conv-BN, plus the input, ReLU. Keeps width and size.
import type { Tensor } from '@tensorflow/tfjs-core';
import { batchNorm } from './batch-norm.ts';
import { convolution } from './convolution.ts';
import type { Forward, Pass } from './pass.ts';

/** x [b,h,w,c] → y alike. `first` and `second` name the two convolutions. */
export function residualUnit(pass: Pass, first: string, second: string, x: Tensor): Forward {
  const { kernels } = pass;
  const a = convolution(pass, first, x, 1, true);
  const normalisedA = batchNorm(pass, first, a.y);
  const h = kernels.relu(normalisedA.y);
  const b = convolution(pass, second, h, 1, true);
  const normalisedB = batchNorm(pass, second, b.y);
  const y = kernels.relu(kernels.add(normalisedB.y, x));
  return {
    y,
    backward: (dy) => {
      const dSum = kernels.reluGradient(y, dy);
      const dH = b.backward(normalisedB.backward(dSum) as Tensor) as Tensor;
      const dX = a.backward(normalisedA.backward(kernels.reluGradient(h, dH)) as Tensor) as Tensor;
      return kernels.add(dSum, dX);
    },
  };
}
