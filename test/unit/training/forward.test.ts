// The backward pass written by hand against numerical gradients, for every kind of unit and of stage.
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type Network, NetworkSchema } from '../../../src/network/config.ts';
import { buildExitHead, exitScores } from '../../../src/network/exit-head.ts';
import { fold } from '../../../src/network/fold.ts';
import { sizeOf } from '../../../src/network/shapes.ts';
import { buildStages, runStage } from '../../../src/network/stage.ts';
import { loadNative } from '../../../src/network/tensorflow-native.ts';
import { networkForward } from '../../../src/training/forward.ts';
import { BATCH_NORM_EPSILON, nativeKernels } from '../../../src/training/kernels.ts';
import { initialParameters } from '../../../src/training/parameters.ts';
import { presetNetwork } from '../../../src/training/presets.ts';
import { random } from '../../../src/training/random.ts';
import { exitHead, LOGIT_SCALE } from '../../../src/training/units/exit-head.ts';
import { hasNative } from '../../helpers/native.ts';

const isHere = await hasNative();
const CLASSES = 3;
const BATCH = 6;

describe.skipIf(!isHere)('networkForward', async () => {
  if (!isHere) return;
  const tf = await loadNative();
  const kernels = nativeKernels(tf);
  const network: Network = { ...presetNetwork('tiny'), input: { height: 16, width: 16, channels: 3 } };
  const source = random(7, 'test');
  const parameters = initialParameters(network, CLASSES, source, (k, out) =>
    Float32Array.from({ length: k * k * 3 * out }, () => source.normal() * 0.2),
  );
  const values = new Map<string, Tensor>(
    parameters.map((p) => [p.name, tf.tensor(p.values.slice(), [...p.shape], 'float32')]),
  );
  const frames = tf.tensor(
    Float32Array.from({ length: BATCH * 16 * 16 * 3 }, () => source.normal()),
    [BATCH, 16, 16, 3],
  );
  const targets = tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32'), CLASSES).toFloat();
  const weights = [0.5, 0.2, 0.3];

  const losses = (given: ReadonlyMap<string, Tensor>) =>
    tf.tidy(() => {
      const pass = { kernels, parameters: given, training: { gradients: new Map(), statistics: new Map() } };
      return networkForward(pass, network, frames).logits.map(
        (z) => tf.mean(kernels.softmaxLoss(z, targets).loss).dataSync()[0] as number,
      );
    });

  const gradients = new Map<string, Float32Array>();
  tf.tidy(() => {
    const training = { gradients: new Map<string, Tensor>(), statistics: new Map<string, Tensor>() };
    const { logits, backward } = networkForward({ kernels, parameters: values, training }, network, frames, weights);
    backward(logits.map((z) => tf.mul(kernels.softmaxLoss(z, targets).dLogits, 1 / BATCH)));
    for (const [name, gradient] of training.gradients) gradients.set(name, Float32Array.from(gradient.dataSync()));
  });

  it('notes a gradient for every trained parameter and for no other', () => {
    const trained = parameters.filter(({ role }) => role === 'kernel' || role === 'beta' || role === 'head');
    expect([...gradients.keys()].sort()).toEqual(trained.map(({ name }) => name).sort());
  });

  it.each(parameters.filter(({ role }) => role !== 'statistic' && role !== 'frozen').map(({ name }) => name))(
    'gives the gradient that differences give: %s',
    (name) => {
      const value = values.get(name) as Tensor;
      const own = gradients.get(name) as Float32Array;
      // Along a random direction: one difference checks every element at once. Float32 and the kinks of ReLU and max-pool leave some noise.
      const exit = /stage\/(\d)\/head/.exec(name)?.[1];
      const w = exit === undefined ? weights : weights.map((_, i) => (i + 1 === Number(exit) ? 1 : 0));
      const total = (given: ReadonlyMap<string, Tensor>) =>
        losses(given).reduce((sum, loss, i) => sum + loss * (w[i] as number), 0);
      const direction = Float32Array.from(
        { length: own.length },
        (_, i) => (own[i] as number) + source.normal() * 1e-3,
      );
      const length = Math.hypot(...direction);
      const step = 2e-3;
      const at = (sign: number) => {
        const moved = tf.add(
          value,
          tf.mul(tf.tensor(direction.slice(), value.shape, 'float32'), (sign * step) / length),
        );
        const result = total(new Map(values).set(name, moved));
        moved.dispose();
        return result;
      };
      const numerical = (at(1) - at(-1)) / (2 * step);
      const analytical = own.reduce((sum, g, i) => sum + (g * (direction[i] as number)) / length, 0);
      expect(Math.abs(numerical - analytical)).toBeLessThan(0.03 * Math.abs(analytical) + 2e-4);
    },
  );
});

describe.skipIf(!isHere)('an exit behind a whiten unit, which has no ReLU', async () => {
  if (!isHere) return;
  const tf = await loadNative();
  const kernels = nativeKernels(tf);
  const source = random(3, 'test');
  const noise = (shape: readonly number[]) => Float32Array.from({ length: sizeOf(shape) }, () => source.normal() * 0.2);

  it('answers as it does in serving, at every exit', () => {
    const whiten = { kind: 'whiten', out: 12, kernel: 2, stride: 2 };
    const network = NetworkSchema.parse({
      name: 'n',
      input: { height: 8, width: 8, channels: 3 },
      stages: [
        { takes: 'frame', frame: [whiten] },
        { takes: 'frame', trunk: [{ kind: 'conv', out: 5, stride: 2 }] },
        { takes: 'both', frame: [whiten] },
        { takes: 'activations', trunk: [{ kind: 'conv', out: 6 }] },
        { takes: 'both', frame: [{ kind: 'conv', out: 2, stride: 2 }] },
      ],
    });
    const parameters = initialParameters(network, CLASSES, source, (k, out) => noise([k, k, 3, out]));
    const trained = new Map(parameters.map(({ name, shape, values }) => [name, { shape, data: values }]));
    const frame = tf.tensor4d(noise([BATCH, 8, 8, 3]), [BATCH, 8, 8, 3]);
    const own = tf.tidy(() => {
      const values = new Map(parameters.map((p) => [p.name, tf.tensor(p.values.slice(), [...p.shape], 'float32')]));
      const { logits } = networkForward({ kernels, parameters: values, training: null }, network, frame);
      return logits.map((z) => tf.softmax(z).dataSync());
    });
    const served = fold(network, trained, { epsilon: BATCH_NORM_EPSILON, logitScale: LOGIT_SCALE });
    let activations: Tensor4D | undefined;
    buildStages(network, served).forEach((stage, index) => {
      activations = runStage(stage, { frame, ...(activations === undefined ? {} : { activations }) });
      const scores = exitScores(buildExitHead(index + 1, served), activations).dataSync();
      const furthest = Math.max(...scores.map((score, i) => Math.abs(score - (own[index]?.[i] ?? Number.NaN))));
      expect(furthest, `exit ${index + 1}`).toBeLessThan(1e-5);
    });
  });

  it('gives the gradient that differences give for its input, none where that is below 0', () => {
    const shape: [number, number, number, number] = [2, 3, 3, 4];
    const x = noise(shape);
    const parameters = new Map<string, Tensor>([
      ['h/kernel', tf.tensor(noise([4, CLASSES]), [4, CLASSES])],
      ['h/bias', tf.tensor(noise([CLASSES]), [CLASSES])],
    ]);
    const forward = (values: Float32Array) =>
      exitHead({ kernels, parameters, training: null }, 'h', tf.tensor4d(values, shape), 1, false);
    const dy = noise([2, CLASSES]);
    const gradient = forward(x)
      .backward(tf.tensor2d(dy, [2, CLASSES]))
      ?.dataSync() as Float32Array;
    const total = (values: Float32Array) =>
      (forward(values).y.dataSync() as Float32Array).reduce((sum, z, i) => sum + z * (dy[i] as number), 0);
    const step = 0.02;
    x.forEach((value, i) => {
      if (Math.abs(value) < step) return; // the kink
      const at = (by: number) => total(x.map((other, j) => (j === i ? other + by : other)));
      expect(gradient[i]).toBeCloseTo((at(step) - at(-step)) / (2 * step), 3);
      if (value < 0) expect(Math.abs(gradient[i] as number)).toBe(0);
    });
  });
});
