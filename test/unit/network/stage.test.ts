// That stages compute the right thing on every backend is tested with the engine, against plain loops.
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { openBackend } from '../../../src/adapters/tfjs/backend.ts';
import { type BuiltStage, buildStages, runStage } from '../../../src/network/stage.ts';
import { EVERY_KIND, randomBundle } from '../../helpers/random-bundle.ts';

await openBackend('wasm');
const [first, both] = buildStages(EVERY_KIND, randomBundle(EVERY_KIND, 2).tensors) as [BuiltStage, BuiltStage];
const frame = tf.randomUniform([3, 14, 14, 3], -1, 1, 'float32', 7) as tf.Tensor4D;

it('hands on one new tensor and leaves nothing else', () => {
  const before = tf.memory().numTensors;
  const activations = runStage(first, { frame });
  expect(activations.shape).toEqual([3, 7, 7, 6]);
  expect(tf.memory().numTensors).toBe(before + 1);
  activations.dispose();
});

it('treats the frames of a batch apart', () => {
  const together = tf.slice(runStage(first, { frame }), [1, 0, 0, 0], [1, 7, 7, 6]).dataSync();
  const alone = runStage(first, { frame: tf.slice(frame, [1, 0, 0, 0], [1, 14, 14, 3]) }).dataSync();
  expect(together.every((value, i) => Math.abs(value - (alone[i] ?? Number.NaN)) < 1e-5)).toBe(true);
});

it('refuses to run without what it takes', () => {
  expect(() => runStage(both, { frame })).toThrow('takes "both"');
  expect(() => runStage(first, {})).toThrow('takes "frame"');
});
