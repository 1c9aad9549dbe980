// Learn then Test: p-values against numbers worked out by hand, and the promise itself by simulation.
import { describe, expect, it } from 'vitest';
import { StageTable } from '../../../src/core/stage-table.ts';
import type { ExitAnswers } from '../../../src/evaluation/exit-answers.ts';
import {
  binomialAtMost,
  hoeffdingBentkus,
  leastFramesToPromise,
  promisedThreshold,
  TESTED_THRESHOLDS,
} from '../../../src/evaluation/learn-then-test.ts';
import { random } from '../../../src/training/random.ts';

describe('binomialAtMost', () => {
  it('is the binomial distribution function', () => {
    expect(binomialAtMost(0, 10, 0.1)).toBeCloseTo(0.9 ** 10, 12);
    expect(binomialAtMost(1, 10, 0.1)).toBeCloseTo(0.9 ** 10 + 10 * 0.1 * 0.9 ** 9, 12);
    expect(binomialAtMost(2, 4, 0.5)).toBeCloseTo(11 / 16, 12);
    expect(binomialAtMost(4, 4, 0.5)).toBe(1);
  });

  it('does not underflow for many frames', () => {
    expect(binomialAtMost(500, 100_000, 0.01)).toBeGreaterThan(0);
    expect(binomialAtMost(1000, 100_000, 0.01)).toBeCloseTo(0.5, 1);
  });
});

describe('hoeffdingBentkus', () => {
  it('is the smaller of the two bounds', () => {
    // No loss in 100 frames, ε = 0.05: Hoeffding gives 0.95^100, Bentkus e times as much.
    expect(hoeffdingBentkus(0, 100, 0.05)).toBeCloseTo(0.95 ** 100, 12);
    // One loss: kl(0.01, 0.05) = 0.01 ln 0.2 + 0.99 ln(0.99 / 0.95) = 0.0247390; Bentkus e·(0.95^100 + 5·0.95^99).
    const hoeffding = Math.exp(-100 * (0.01 * Math.log(0.2) + 0.99 * Math.log(0.99 / 0.95)));
    const bentkus = Math.E * (0.95 ** 100 + 5 * 0.95 ** 99);
    expect(hoeffdingBentkus(0.01, 100, 0.05)).toBeCloseTo(Math.min(hoeffding, bentkus), 10);
  });

  it('is 1 at and above epsilon', () => {
    expect(hoeffdingBentkus(0.05, 100, 0.05)).toBe(1);
    expect(hoeffdingBentkus(0.2, 100, 0.05)).toBe(1);
  });
});

const table = new StageTable(
  [0.25, 1],
  [
    { accuracy: 0.7, buckets: [] },
    { accuracy: 0.9, buckets: [] },
  ],
  [1],
);
const DEPTH_ACCURACY = 0.9;

/** Frames of which exit 1 is right as often as it is confident, and exit 2 in 90 %, independently. */
function drawn(frames: number, seed: number): { exits: ExitAnswers[]; labels: number[] } {
  const source = random(seed, 'learn-then-test');
  const confidences = Float32Array.from({ length: frames }, () => source.next());
  const early = Uint16Array.from(confidences, (confidence) => (source.next() < confidence ? 1 : 0));
  const late = Uint16Array.from({ length: frames }, () => (source.next() < DEPTH_ACCURACY ? 1 : 0));
  const sure = new Float32Array(frames).fill(1);
  return {
    exits: [
      { classes: early, confidences },
      { classes: late, confidences: sure },
    ],
    labels: new Array<number>(frames).fill(1),
  };
}

/** P(right at full depth, early answer wrong) at a threshold: 0.9 · ∫_t^1 (1 − c) dc. */
const trueLoss = (threshold: number) => (DEPTH_ACCURACY * (1 - Math.min(1, threshold)) ** 2) / 2;

describe('promisedThreshold', () => {
  it('breaks its promise in at most a share delta of the calibration sets', () => {
    const [epsilon, delta, sets] = [0.05, 0.1, 400];
    let broken = 0;
    for (let seed = 0; seed < sets; seed++) {
      const { exits, labels } = drawn(400, seed);
      const { chosen, isPromised } = promisedThreshold(exits, labels, table, { epsilon, delta });
      if (isPromised && trueLoss(chosen.minConfidence) > epsilon) broken++;
    }
    expect(broken / sets).toBeLessThanOrEqual(delta);
  });

  it('comes near the loosest threshold that is allowed when there are many frames', () => {
    const { exits, labels } = drawn(40_000, 1);
    const { chosen, isPromised } = promisedThreshold(exits, labels, table, { epsilon: 0.05, delta: 0.05 });
    expect(isPromised).toBe(true);
    expect(trueLoss(chosen.minConfidence)).toBeGreaterThan(0.04);
    expect(chosen.meanPasses).toBeLessThan(1);
  });

  it('tests a fixed sequence from strict to loose, and finds a threshold between 0.99 and 1', () => {
    expect([...TESTED_THRESHOLDS].sort((a, b) => b - a)).toEqual(TESTED_THRESHOLDS);
    expect(TESTED_THRESHOLDS.slice(-100)).toEqual(Array.from({ length: 100 }, (_, i) => (99 - i) / 100));
    // Of 2000 frames the half below 0.995 is wrong at exit 1.
    const frames = Array.from({ length: 2000 }, (_, i) => i);
    const early = {
      classes: Uint16Array.from(frames, (i) => (i < 1000 ? 0 : 1)),
      confidences: Float32Array.from(frames, (i) => 0.9901 + (0.0098 * i) / 2000),
    };
    const late = { classes: new Uint16Array(2000).fill(1), confidences: new Float32Array(2000).fill(1) };
    const labels = frames.map(() => 1);
    const { chosen, isPromised } = promisedThreshold([early, late], labels, table, { epsilon: 0.01, delta: 0.05 });
    expect([isPromised, chosen.minConfidence]).toEqual([true, 0.995]);
    expect(chosen.meanPasses).toBeLessThan(0.65);
  });

  it('goes to full depth where so few frames can promise nothing', () => {
    const { exits, labels } = drawn(20, 1);
    const outcome = promisedThreshold(exits, labels, table, { epsilon: 0.01, delta: 0.05 });
    expect(outcome).toMatchObject({ isPromised: false, chosen: { meanPasses: 1 } });
  });
});

it.each([
  [0.01, 0.05, 299],
  [0.05, 0.1, 45],
])('for epsilon %f and delta %f it takes %i frames without a loss, and not one less', (epsilon, delta, frames) => {
  expect(leastFramesToPromise({ epsilon, delta })).toBe(frames);
  expect(hoeffdingBentkus(0, frames, epsilon)).toBeLessThanOrEqual(delta);
  expect(hoeffdingBentkus(0, frames - 1, epsilon)).toBeGreaterThan(delta);
});
