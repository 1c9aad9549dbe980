// Tensors that the native library changes in place, and the three changes a training step makes to them: one fused kernel each instead of a
// handful of operations that each write a tensor as large. A value that is read must be disposed before the next change, else the library
// copies the whole.
import { randomUUID } from 'node:crypto';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../network/tensorflow-native.ts';
import { nativeOperations } from './native-operations.ts';

export interface Variable {
  /** A view; dispose it before the next change. */
  read(): Tensor;
  /** v ← momentum·v + g, w ← w − rate·(g + momentum·v): Nesterov; `velocity` is v. */
  descend(velocity: Variable, gradient: Tensor, rate: Tensor, momentum: Tensor): void;
  /** w ← w + (goal − w) · share. */
  approach(goal: Tensor, share: Tensor): void;
  dispose(): void;
  readonly handle: Tensor;
}

/** Makes variables from their first values. */
export function variableMaker(tf: TensorFlow): (first: Tensor) => Variable {
  const { run, runAll, attribute, FLOAT } = nativeOperations(tf);
  const dtype = [attribute('TYPE', 'dtype', FLOAT)];
  const T = attribute('TYPE', 'T', FLOAT);
  const lock = attribute('BOOL', 'use_locking', false);
  const nesterov = [T, lock, attribute('BOOL', 'use_nesterov', true)];
  return (first) => {
    const handle = tf.keep(
      run('VarHandleOp', [
        ...dtype,
        attribute('SHAPE', 'shape', first.shape),
        attribute('STRING', 'container', ''),
        attribute('STRING', 'shared_name', randomUUID()),
      ]),
    );
    runAll('AssignVariableOp', dtype, [handle, first], 0);
    const read = () => run('ReadVariableOp', dtype, handle);
    return {
      handle,
      read,
      descend: (velocity, gradient, rate, momentum) => {
        runAll('ResourceApplyMomentum', nesterov, [handle, velocity.handle, rate, gradient, momentum], 0);
      },
      approach: (goal, share) => {
        const now = read();
        const lead = tf.sub(now, goal);
        now.dispose();
        runAll('ResourceApplyGradientDescent', [T, lock], [handle, share, lead], 0);
        lead.dispose();
      },
      dispose: () => {
        runAll('DestroyResourceOp', [attribute('BOOL', 'ignore_lookup_error', false)], [handle], 0);
        handle.dispose();
      },
    };
  };
}
