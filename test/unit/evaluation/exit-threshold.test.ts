// Leaving early: who stops where, what it costs, and which threshold is the loosest that costs no accuracy.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StageTable } from '../../../src/core/stage-table.ts';
import type { ExitAnswers } from '../../../src/evaluation/exit-answers.ts';
import { earlyExit, loosestThreshold, thresholdForBudget } from '../../../src/evaluation/exit-threshold.ts';

const table = new StageTable(
  [0.25, 1],
  [
    { accuracy: 0.5, buckets: [] },
    { accuracy: 1, buckets: [] },
  ],
  [1],
);
const exit = (classes: number[], confidences: number[]): ExitAnswers => ({
  classes: Uint16Array.from(classes),
  confidences: Float32Array.from(confidences),
});

// Four frames of class 7: stage 1 is right and sure, wrong and sure, right and unsure, wrong and unsure; stage 2 is always right.
const labels = [7, 7, 7, 7];
const exits = [exit([7, 0, 7, 0], [0.95, 0.855, 0.555, 0.455]), exit([7, 7, 7, 7], [1, 1, 1, 1])];

describe('earlyExit', () => {
  it('stops each frame at the first exit that is confident enough', () => {
    expect(earlyExit(exits, labels, table, 0.8)).toEqual({
      minConfidence: 0.8,
      accuracy: 0.75,
      meanPasses: 0.625,
      meanDepth: 1.5,
      shares: [0.5, 0.5],
    });
  });

  it('takes every frame to full depth above every confidence, and none at 0', () => {
    expect(earlyExit(exits, labels, table, 2)).toMatchObject({ meanPasses: 1, shares: [0, 1], accuracy: 1 });
    expect(earlyExit(exits, labels, table, 0)).toMatchObject({ meanPasses: 0.25, shares: [1, 0], accuracy: 0.5 });
  });

  it('costs no less with a higher threshold', () => {
    const confidence = fc.float({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(confidence, { minLength: 4, maxLength: 4 }), confidence, confidence, (own, a, b) => {
        const some = [exit([7, 7, 0, 0], own), exits[1] as ExitAnswers];
        const cost = (threshold: number) => earlyExit(some, labels, table, threshold).meanPasses;
        expect(cost(Math.max(a, b))).toBeGreaterThanOrEqual(cost(Math.min(a, b)));
      }),
    );
  });
});

describe('loosestThreshold', () => {
  it('is just above the most confident mistake', () => {
    expect(loosestThreshold(exits, labels, table, 0.2)).toMatchObject({ minConfidence: 0.86, accuracy: 1 });
  });

  it('is looser where more accuracy may go: of four frames one lost, and one that was not seen', () => {
    expect(loosestThreshold(exits, labels, table, 0.39)).toMatchObject({ minConfidence: 0.86, accuracy: 1 });
    expect(loosestThreshold(exits, labels, table, 0.4)).toMatchObject({ minConfidence: 0.46, accuracy: 0.75 });
    expect(loosestThreshold(exits, labels, table, 0.6)).toMatchObject({ minConfidence: 0, accuracy: 0.5 });
  });

  it('counts in whole frames: of 1999 three lost, and one that was not seen, are 0.002', () => {
    const right = Array<number>(1999).fill(7);
    const lostAtOnce = exit(
      right.map((own, i) => (i < 3 ? 0 : own)),
      Array(1999).fill(0.5),
    );
    const full = exit(right, Array(1999).fill(1));
    expect(loosestThreshold([lostAtOnce, full], right, table, 0.002)).toMatchObject({ minConfidence: 0 });
    expect(loosestThreshold([lostAtOnce, full], right, table, 0.0019)).toMatchObject({ minConfidence: 0.51 });
  });

  it('is none where the frames are too few to say', () => {
    expect(loosestThreshold(exits, labels, table, 0.19)).toMatchObject({ minConfidence: 1, accuracy: 1 });
  });
});

describe('thresholdForBudget', () => {
  it('is the most accurate that keeps to the mean cost', () => {
    expect(thresholdForBudget(exits, labels, table, 0.65)).toMatchObject({ accuracy: 0.75, meanPasses: 0.4375 });
    expect(thresholdForBudget(exits, labels, table, 1)).toMatchObject({ accuracy: 1 });
  });

  it('spends the budget where all confidences lie between two steps', () => {
    // Of 1000 frames the surer half is right at exit 1; every confidence is from 0.99 to 1.
    const frames = Array.from({ length: 1000 }, (_, i) => i);
    const right = frames.map(() => 7);
    const sure = exit(
      frames.map((i) => (i < 500 ? 0 : 7)),
      frames.map((i) => 0.99 + i / 1e5),
    );
    const full = exit(
      right,
      frames.map(() => 1),
    );
    const { minConfidence, accuracy, meanPasses } = thresholdForBudget([sure, full], right, table, 0.63);
    expect(minConfidence).toBeCloseTo(0.995, 4);
    expect(accuracy).toBe(1);
    expect(meanPasses).toBeCloseTo(0.625, 2);
  });

  it('leaves everybody at exit 1 when that alone costs more', () => {
    expect(thresholdForBudget(exits, labels, table, 0.1)).toMatchObject({ shares: [1, 0], meanPasses: 0.25 });
  });
});
