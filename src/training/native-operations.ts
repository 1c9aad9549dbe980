// Runs operations of the native library by their names in TensorFlow, past tfjs.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../network/tensorflow-native.ts';

export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The part of the addon's backend used here; its typings leave it out. */
interface NativeBackend {
  readonly binding: Readonly<Record<string, number>> & {
    executeOp(name: string, attributes: readonly Attribute[], inputs: number[], outputs: number): TensorMetadata[];
  };
  getInputTensorIds(tensors: readonly Tensor[]): number[];
  createOutputTensor(metadata: TensorMetadata): Tensor;
}

interface TensorMetadata {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

type AttributeKind = 'TYPE' | 'INT' | 'STRING' | 'FLOAT' | 'BOOL' | 'SHAPE';

/** TF_BFLOAT16 of TensorFlow's C API; the addon has no name for it. */
export const BFLOAT16 = 14;

export function nativeOperations(tf: TensorFlow) {
  const backend = tf.backend() as unknown as NativeBackend;
  const { binding } = backend;
  const attribute = (kind: AttributeKind, name: string, value: unknown): Attribute => {
    const type = binding[`TF_ATTR_${kind}`];
    if (type === undefined) throw new TypeError(`The addon knows no attribute type ${kind}`);
    return { name, type, value };
  };
  const FLOAT = binding['TF_FLOAT'] as number;
  const INT32 = binding['TF_INT32'] as number;
  /** Outputs of bfloat16 say float32: tfjs knows no bfloat16. */
  const runAll = (name: string, attributes: readonly Attribute[], inputs: readonly Tensor[], outputs: number) =>
    binding
      .executeOp(name, attributes, backend.getInputTensorIds(inputs), outputs)
      .map((made) => backend.createOutputTensor(made.dtype === BFLOAT16 ? { ...made, dtype: FLOAT } : made));
  const run = (name: string, attributes: readonly Attribute[], ...inputs: Tensor[]) =>
    runAll(name, attributes, inputs, 1)[0] as Tensor;
  return { attribute, run, runAll, FLOAT, INT32 };
}
