// Folded = unfolded: what serving runs gives the scores that training gives, at every exit.
import type * as tfjs from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { buildExitHead, exitScores } from '../../../src/network/exit-head.ts';
import { fold } from '../../../src/network/fold.ts';
import { tensorShapes } from '../../../src/network/shapes.ts';
import { buildStages, runStage } from '../../../src/network/stage.ts';
import { loadNative } from '../../../src/network/tensorflow-native.ts';
import { networkForward } from '../../../src/training/forward.ts';
import { BATCH_NORM_EPSILON, nativeKernels } from '../../../src/training/kernels.ts';
import { initialParameters } from '../../../src/training/parameters.ts';
import { presetNetwork } from '../../../src/training/presets.ts';
import { random } from '../../../src/training/random.ts';
import { LOGIT_SCALE } from '../../../src/training/units/exit-head.ts';
import { hasNative } from '../../helpers/native.ts';

const CLASSES = 4;
const BATCH = 5;
const isHere = await hasNative();

describe('fold', () => {
  const network = presetNetwork('tiny');
  const source = random(11, 'fold');
  const normal = (count: number) => Float32Array.from({ length: count }, () => source.normal());
  const trained = new Map(
    initialParameters(network, CLASSES, source, (k, out) => normal(k * k * 3 * out)).map(
      ({ name, role, shape, values }) => {
        // Statistics, offsets and biases as different from their first values as a training makes them.
        const data = role === 'kernel' || role === 'frozen' ? values : normal(values.length);
        return [name, { shape, data: name.endsWith('variance') ? data.map((v) => 0.2 + v * v) : data }] as const;
      },
    ),
  );
  const folded = fold(network, trained, { epsilon: BATCH_NORM_EPSILON, logitScale: LOGIT_SCALE });

  it('has exactly the tensors of a bundle', () => {
    const shapes = new Map([...folded].map(([name, { shape }]) => [name, [...shape]]));
    expect(shapes).toEqual(new Map(tensorShapes(network, CLASSES)));
  });

  it.skipIf(!isHere)('gives the scores of the network in training at every exit', async () => {
    const tf = await loadNative();
    const frames = tf.tensor4d(normal(BATCH * 3072), [BATCH, 32, 32, 3]);
    const parameters = new Map(
      [...trained].map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape], 'float32')]),
    );
    const kernels = nativeKernels(tf);
    const expected = tf.tidy(() =>
      networkForward({ kernels, parameters, training: null }, network, frames).logits.map((z) => [
        ...tf.softmax(z).dataSync(),
      ]),
    );
    const stages = buildStages(network, new Map([...folded].map(([name, { shape, data }]) => [name, { shape, data }])));
    let activations: tfjs.Tensor4D | undefined;
    stages.forEach((stage, index) => {
      activations = runStage(stage, { frame: frames as tfjs.Tensor4D, activations });
      const scores = exitScores(buildExitHead(index + 1, folded), activations).dataSync();
      expect(scores.length).toBe(BATCH * CLASSES);
      scores.forEach((score, i) => {
        expect(score).toBeCloseTo(expected[index]?.[i] as number, 4);
      });
    });
  });

  it('names a tensor that is missing', () => {
    const some = new Map(trained);
    some.delete('stage/3/trunk/1/1/variance');
    expect(() => fold(network, some, { epsilon: 1e-5, logitScale: 1 })).toThrow(/stage\/3\/trunk\/1\/1\/variance/);
  });
});
