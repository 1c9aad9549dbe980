import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { openBackend } from '../../../src/adapters/tfjs/backend.ts';
import { buildExitHead, exitScores } from '../../../src/network/exit-head.ts';

await openBackend('wasm');

it('is ReLU, mean over height and width, linear, softmax, and leaves only its output', () => {
  const weights = new Map([
    ['stage/2/head/kernel', { shape: [2, 2], data: Float32Array.of(1, -1, 0, 2) }],
    ['stage/2/head/bias', { shape: [2], data: Float32Array.of(0.5, 0) }],
  ]);
  const head = buildExitHead(2, weights);
  // Channel means after ReLU: (4 + 0) / 2 = 2 and (1 + 3) / 2 = 2. Without the ReLU the first would be −1.
  const activations = tf.tensor4d([4, 1, -6, 3], [1, 1, 2, 2]);
  const before = tf.memory().numTensors;
  const scores = exitScores(head, activations);
  expect(tf.memory().numTensors).toBe(before + 1);
  // Logits: 2·1 + 2·0 + 0.5 = 2.5 and 2·(−1) + 2·2 = 2.
  const right = 1 / (1 + Math.exp(-0.5));
  expect([...scores.dataSync()]).toEqual([expect.closeTo(right, 6), expect.closeTo(1 - right, 6)]);
});

it('names the weight that is not there', () => {
  expect(() => buildExitHead(1, new Map())).toThrowError(
    expect.objectContaining({ code: 'bad-bundle', message: expect.stringContaining('stage/1/head/kernel') }),
  );
});
