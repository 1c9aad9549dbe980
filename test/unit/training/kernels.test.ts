// bfloat16 activations against float32: the same forward pass and the same gradients, to bfloat16's eight bits.
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { loadNative } from '../../../src/network/tensorflow-native.ts';
import { networkForward } from '../../../src/training/forward.ts';
import { type Kernels, nativeKernels } from '../../../src/training/kernels.ts';
import { initialParameters } from '../../../src/training/parameters.ts';
import { presetNetwork } from '../../../src/training/presets.ts';
import { random } from '../../../src/training/random.ts';
import { hasNative } from '../../helpers/native.ts';

const isHere = await hasNative();
const BATCH = 32;
const CLASSES = 3;

describe.skipIf(!isHere)('nativeKernels in bfloat16', async () => {
  if (!isHere) return;
  const tf = await loadNative();
  const exact = nativeKernels(tf);
  const rough = nativeKernels(tf, 'bfloat16');
  const network = presetNetwork('tiny', 16);
  const source = random(3, 'kernels');
  const parameters = initialParameters(network, CLASSES, source, (k, out) =>
    Float32Array.from({ length: k * k * 3 * out }, () => source.normal() * 0.2),
  );
  const values = new Map<string, Tensor>(
    parameters.map((p) => [p.name, tf.tensor(p.values.slice(), [...p.shape], 'float32')]),
  );
  const frames = Float32Array.from({ length: BATCH * 32 * 32 * 3 }, () => source.normal());
  const labels = Array.from({ length: BATCH }, (_, i) => i % CLASSES);

  afterAll(() => {
    exact.dispose();
    rough.dispose();
    for (const tensor of values.values()) tensor.dispose();
  });

  const look = (kernels: Kernels) => {
    const gradients = new Map<string, Float32Array>();
    const logits = tf.tidy(() => {
      const training = { gradients: new Map<string, Tensor>(), statistics: new Map<string, Tensor>() };
      const pass = { kernels, parameters: values, training };
      const out = networkForward(pass, network, tf.tensor(frames, [BATCH, 32, 32, 3]));
      const targets = tf.oneHot(tf.tensor1d(labels, 'int32'), CLASSES).toFloat();
      out.backward(out.logits.map((z) => tf.mul(kernels.softmaxLoss(z, targets).dLogits, 1 / BATCH)));
      for (const [name, gradient] of training.gradients) gradients.set(name, gradient.dataSync() as Float32Array);
      return out.logits.map((z) => z.dataSync() as Float32Array);
    });
    return { logits, gradients };
  };
  const reference = look(exact);
  const measured = look(rough);

  it('gives other bits, so that it is not float32 in disguise', () => {
    expect(measured.logits[0]).not.toEqual(reference.logits[0]);
  });

  it('gives the same logits at every exit but for rounding', () => {
    for (const [exit, logits] of measured.logits.entries()) {
      expect(distance(logits, reference.logits[exit] as Float32Array)).toBeLessThan(0.05);
    }
  });

  it('gives a gradient of the same direction for every parameter', () => {
    expect([...measured.gradients.keys()]).toEqual([...reference.gradients.keys()]);
    for (const [name, gradient] of measured.gradients) {
      // A value near 0 may end on the other side of a ReLU: the direction is what must hold.
      expect(cosine(gradient, reference.gradients.get(name) as Float32Array), name).toBeGreaterThan(0.95);
    }
  });

  it('holds no tensor after a pass', () => {
    const before = tf.memory().numTensors;
    look(rough);
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** ‖a − b‖ / ‖b‖ */
function distance(a: Float32Array, b: Float32Array): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += ((a[i] as number) - (b[i] as number)) ** 2;
    size += (b[i] as number) ** 2;
  }
  return Math.sqrt(difference / size);
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (u: Float32Array, v: Float32Array) => u.reduce((sum, x, i) => sum + x * (v[i] as number), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
