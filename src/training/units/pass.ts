// What a unit sees of a forward pass. A unit's forward returns its output and a function for the backward pass, which knows what to do with
// the gradient that reaches it: it notes the gradients of the unit's parameters and returns the gradient for the unit's input.
// Does not know: losses, exits, the optimiser.
import type { Tensor } from '@tensorflow/tfjs-core';
import { AnytimeError } from '../../errors.ts';
import type { Kernels } from '../kernels.ts';

export interface Pass {
  readonly kernels: Kernels;
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** In training BatchNorm uses the batch's statistics; gradients and statistics are noted here under the parameters' names. Null = as served. */
  readonly training: { readonly gradients: Map<string, Tensor>; readonly statistics: Map<string, Tensor> } | null;
}

export interface Forward {
  readonly y: Tensor;
  /** dy has the shape of y; the result has the input's shape, or is null where no gradient for the input was wanted. */
  readonly backward: (dy: Tensor) => Tensor | null;
}

export function parameter(pass: Pass, name: string): Tensor {
  const tensor = pass.parameters.get(name);
  if (tensor === undefined)
    throw new AnytimeError('bad-bundle', `Expected a parameter named ${name}, got none of that name`);
  return tensor;
}

/** Units one after another; `wantsInputGradient` as for the first of them. */
export function chain(
  x: Tensor,
  units: readonly ((x: Tensor, wantsInputGradient: boolean) => Forward)[],
  wantsInputGradient: boolean,
): Forward {
  const steps: Forward[] = [];
  let y = x;
  for (const [index, unit] of units.entries()) {
    const step = unit(y, wantsInputGradient || index > 0);
    steps.push(step);
    y = step.y;
  }
  return {
    y,
    backward: (dy) =>
      steps.reduceRight<Tensor | null>((gradient, step) => (gradient === null ? null : step.backward(gradient)), dy),
  };
}
