// The weights of a bundle as bytes: tensors one after another, float32 or half precision, little-endian.
import { badBundle } from './bad-bundle.ts';
import { weightBytes } from './check-model.ts';
import { fromHalf, toHalf } from './half.ts';
import type { Model } from './model.ts';
import { sizeOf } from './shapes.ts';

/** Values in row-major order. */
export interface WeightTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

type Listed = Model['weights']['tensors'];

/** The tensors in these bytes, widened to float32. `bytes` must have the length that the list makes. Errors: bad-bundle. */
export function decodeWeights(
  bytes: Uint8Array,
  weights: Pick<Model['weights'], 'dtype' | 'tensors'>,
  path: string,
): Map<string, WeightTensor> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isHalf = weights.dtype === 'float16';
  const valueBytes = isHalf ? 2 : 4;
  let at = 0;
  return new Map(
    weights.tensors.map(({ name, shape }) => {
      const data = new Float32Array(sizeOf(shape));
      for (let i = 0; i < data.length; i++, at += valueBytes)
        data[i] = isHalf ? fromHalf(view.getUint16(at, true)) : view.getFloat32(at, true);
      checkFinite(data, name, path);
      return [name, { shape, data }];
    }),
  );
}

/** The bytes of the listed tensors. Errors: bad-bundle for a length that is not the shape's, or a value the type cannot hold. */
export function encodeWeights(
  listed: Listed,
  tensors: ReadonlyMap<string, WeightTensor>,
  dtype: Model['weights']['dtype'],
  path: string,
): Uint8Array {
  const bytes = new Uint8Array(weightBytes({ dtype, tensors: listed }));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { name, shape } of listed) {
    const data = tensors.get(name)?.data ?? new Float32Array();
    if (data.length !== sizeOf(shape))
      throw badBundle(path, `tensor "${name}": Expected ${sizeOf(shape)} values, got ${data.length}`);
    checkFinite(dtype === 'float16' ? data.map((value) => fromHalf(toHalf(value))) : data, name, path);
    for (const value of data) {
      if (dtype === 'float16') view.setUint16(at, toHalf(value), true);
      else view.setFloat32(at, value, true);
      at += dtype === 'float16' ? 2 : 4;
    }
  }
  return bytes;
}

function checkFinite(data: Float32Array, name: string, path: string): void {
  const index = data.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) throw badBundle(path, `tensor "${name}": Expected finite numbers, got ${data[index]} at ${index}`);
}
