// One step of descent against the formulas worked out by hand, and that it finds the bottom of a bowl.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { descend, moved } from '../../../src/training/optimiser.ts';

await tf.setBackend('cpu');
const how = { momentum: 0.9, weightDecay: 0.1, betaRateFactor: 8 };
const one = (value: number) => tf.tensor1d([value]);
const number = (tensor: { dataSync(): ArrayLike<number> }) => tensor.dataSync()[0];

describe('descend', () => {
  it('steps along the Nesterov momentum with the decay in the gradient', () => {
    const next = descend(tf, how, 'kernel', 0.5, { value: one(2), velocity: one(1), gradient: one(3) });
    // g = 3 + 0.1·2 = 3.2; v = 0.9·1 + 3.2 = 4.1; w = 2 − 0.5·(3.2 + 0.9·4.1) = −1.445
    expect(number(next.velocity)).toBeCloseTo(4.1, 5);
    expect(number(next.value)).toBeCloseTo(-1.445, 5);
  });

  it("moves BatchNorm's offsets at the higher rate and decays them as much less", () => {
    const next = descend(tf, how, 'beta', 0.5, { value: one(2), velocity: one(0), gradient: one(3) });
    // g = 3 + 0.1/8·2 = 3.025; v = g; w = 2 − 8·0.5·1.9·3.025
    expect(number(next.value)).toBeCloseTo(2 - 4 * 1.9 * 3.025, 4);
  });

  it('finds the bottom of a bowl', () => {
    let state = { value: one(5), velocity: one(0) };
    for (let i = 0; i < 200; i++) {
      const gradient = tf.mul(tf.sub(state.value, 3), 2);
      state = descend(tf, { ...how, weightDecay: 0 }, 'head', 0.02, { ...state, gradient }) as typeof state;
    }
    expect(number(state.value)).toBeCloseTo(3, 3);
  });
});

describe('moved', () => {
  it('goes its share of the way', () => {
    expect(number(moved(tf, one(1), one(5), 0.25))).toBeCloseTo(2, 6);
  });
});
