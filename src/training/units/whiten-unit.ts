// Unit `whiten`: a frozen convolution whose kernels are the eigenvectors of training patches, scaled to variance 1 (arXiv 2404.00498).
// Nothing flows back through it: it can only come first on the frame.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Unit } from '../../network/config.ts';
import { type Forward, type Pass, parameter } from './pass.ts';

/** x [b,h,w,in] → y [b,⌈h/stride⌉,⌈w/stride⌉,out]. Parameters: `{name}/kernel`, `{name}/bias`, both frozen. */
export function whitenUnit(pass: Pass, name: string, unit: Unit & { kind: 'whiten' }, x: Tensor): Forward {
  const { kernels } = pass;
  const y = kernels.addBias(
    kernels.conv2d(x, parameter(pass, `${name}/kernel`), unit.stride),
    parameter(pass, `${name}/bias`),
  );
  return { y, backward: () => null };
}
