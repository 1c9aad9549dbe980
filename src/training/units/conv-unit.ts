// Unit `conv`: convolution → max-pool when asked for → BatchNorm → ReLU.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Unit } from '../../network/config.ts';
import { batchNorm } from './batch-norm.ts';
import { convolution } from './convolution.ts';
import type { Forward, Pass } from './pass.ts';

/** x [b,h,w,in] → y [b,h',w',out], h' = ⌊⌈h/stride⌉ / pool⌋. `name` is that of the unit's one convolution. */
export function convUnit(
  pass: Pass,
  name: string,
  unit: Unit & { kind: 'conv' },
  x: Tensor,
  wantsInputGradient: boolean,
): Forward {
  const { kernels } = pass;
  const { pool } = unit;
  const convolved = convolution(pass, name, x, unit.stride, wantsInputGradient);
  const pooled = pool === undefined ? convolved.y : kernels.maxPool(convolved.y, pool);
  const normalised = batchNorm(pass, name, pooled);
  const y = kernels.relu(normalised.y);
  return {
    y,
    backward: (dy) => {
      const dPooled = normalised.backward(kernels.reluGradient(y, dy)) as Tensor;
      return convolved.backward(
        pool === undefined ? dPooled : kernels.maxPoolGradient(convolved.y, pooled, dPooled, pool),
      );
    },
  };
}
