// One threshold per exit for a mean cost: who leaves where for given shares, and how near the cost comes to what was asked.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StageTable } from '../../../src/core/stage-table.ts';
import type { ExitAnswers } from '../../../src/evaluation/exit-answers.ts';
import { earlyExit } from '../../../src/evaluation/exit-threshold.ts';
import {
  bestForBudget,
  sharesOf,
  thresholdsForBudget,
  thresholdsForShares,
} from '../../../src/evaluation/threshold-per-exit.ts';
import { randomNumbers } from '../../helpers/random-bundle.ts';

const tableOf = (passes: number[]) =>
  new StageTable(
    passes,
    passes.map(() => ({ accuracy: 0.5, buckets: [] })),
    [1],
  );
const exit = (classes: number[], confidences: number[]): ExitAnswers => ({
  classes: Uint16Array.from(classes),
  confidences: Float32Array.from(confidences),
});
const float = Math.fround;

describe('sharesOf', () => {
  it('falls or grows by q from exit to exit, and is all of the frames', () => {
    expect(sharesOf(2, 3)).toEqual([1 / 7, 2 / 7, 4 / 7]);
    expect(sharesOf(1, 4)).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(sharesOf(Math.exp(-16), 32)[0]).toBeCloseTo(1, 6);
    expect(sharesOf(Math.exp(16), 32).at(-1)).toBeCloseTo(1, 6);
  });
});

describe('thresholdsForShares', () => {
  const exits = [
    exit([0, 0, 0, 0], [0.9, 0.3, 0.8, 0.4]),
    exit([0, 0, 0, 0], [0.1, 0.7, 0.99, 0.6]),
    exit([0, 0, 0, 0], [0.5, 0.5, 0.5, 0.5]),
  ];

  it('takes the confidence of the last of the top, among the frames that have not left', () => {
    // Frames 0 and 2 leave at exit 1; of 1 and 3 the more confident leaves at exit 2, whatever those that left would show there.
    expect(thresholdsForShares(exits, [0.5, 0.25, 0.25])).toEqual([float(0.8), float(0.7), 0]);
  });

  it('lets nobody leave for less than half a frame, and everybody once nobody waits', () => {
    expect(thresholdsForShares(exits, [0.1, 0, 0.9])).toEqual([1, 1, 0]);
    expect(thresholdsForShares(exits, [1, 0, 0])).toEqual([float(0.3), 0, 0]);
  });

  it('lets frames of the same confidence leave together', () => {
    const equal = [exit([0, 0, 0, 0], [0.8, 0.8, 0.8, 0.1]), exit([0, 0, 0, 0], [1, 1, 1, 1])];
    const thresholds = thresholdsForShares(equal, [0.25, 0.75]);
    expect(earlyExit(equal, [0, 0, 0, 0], tableOf([0.5, 1]), thresholds).shares).toEqual([0.75, 0.25]);
  });
});

describe('thresholdsForBudget', () => {
  const table = tableOf([0.2, 0.5, 1]);
  const frames = 200;
  const labels = Array.from({ length: frames }, () => 0);

  it('comes up to the mean cost asked for and never above it', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.2, max: 1, noNaN: true }), (seed, passes) => {
        const random = randomNumbers(seed);
        const exits = [1, 2, 3].map(() => exit(labels, labels.map(random)));
        const { meanPasses, minConfidence } = thresholdsForBudget(exits, labels, table, passes);
        expect(meanPasses).toBeLessThanOrEqual(passes + 1e-9);
        expect(meanPasses).toBeGreaterThan(passes - 0.02); // a few frames' worth: shares are whole frames
        expect(minConfidence).toHaveLength(3);
      }),
      { numRuns: 30 },
    );
  });

  it('takes everybody to the end where the budget bears it, and leaves all at exit 1 where it bears nothing', () => {
    const exits = [0.3, 0.6, 0.9].map((own) => exit([0, 0], [own, own / 2]));
    expect(thresholdsForBudget(exits, [0, 0], table, 1)).toMatchObject({ meanPasses: 1, shares: [0, 0, 1] });
    expect(thresholdsForBudget(exits, [0, 0], table, 0.1)).toMatchObject({ meanPasses: 0.2, minConfidence: [0, 0, 0] });
  });

  it('is better than any common threshold where exits are unlike in how sure they are', () => {
    // Exit 1 is modest (0.6 when right, 0.5 when wrong), exit 2 is boastful (0.95 when right, 0.9 when wrong), exit 3 is right.
    const right = (share: number) => labels.map((_, i) => ((i * 7) % frames < share * frames ? 0 : 1));
    const [first, second] = [right(0.5), right(0.75)];
    const exits = [
      exit(
        first,
        first.map((c, i) => (c === 0 ? 0.6 : 0.5) + i / 1e5),
      ),
      exit(
        second,
        second.map((c, i) => (c === 0 ? 0.95 : 0.9) + i / 1e5),
      ),
      exit(
        labels,
        labels.map(() => 1),
      ),
    ];
    // Half leaves at exit 1, a quarter at exit 2, a quarter goes to the end: 0.475 passes, and no answer is wrong.
    const { chosen, common, perExit } = bestForBudget(exits, labels, table, 0.48);
    expect(perExit.accuracy).toBeGreaterThan(common.accuracy + 0.1);
    expect(perExit.meanPasses).toBeLessThanOrEqual(0.48 + 1e-9);
    expect(chosen).toBe(perExit);
  });

  it('takes the common threshold where one per exit is no better', () => {
    const exits = [0.3, 0.6, 0.9].map((own) => exit([0, 0], [own, own / 2]));
    const { chosen, common, perExit } = bestForBudget(exits, [0, 0], table, 0.6);
    expect(perExit.accuracy).toBe(common.accuracy);
    expect(chosen).toBe(common);
  });
});
