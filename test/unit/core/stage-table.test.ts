// Costs and expected gains from the accuracy and confidence tables.
import { describe, expect, it } from 'vitest';
import { StageTable } from '../../../src/core/stage-table.ts';
import { table } from '../../helpers/frames.ts';

describe('StageTable', () => {
  it('sums stage costs to the whole', () => {
    const costs = [1, 2, 3, 4].map((stage) => table.cost(stage));
    expect(costs).toEqual([0.125, 0.125, 0.25, 0.5]);
    expect(table.passesAt(0)).toBe(0);
  });

  it("gains the accuracy table's difference on average", () => {
    expect(table.gainAfter(1, 0.5)).toBeCloseTo(0.15, 9);
    expect(table.gainAfter(3, 0.5)).toBeCloseTo(0.05, 9);
    expect(table.gainAfter(4, 0.5)).toBe(0);
    expect(table.gainAfter(0, 0)).toBe(0.6);
  });

  it('shares the gain out by how likely an answer is wrong, thin buckets by the average', () => {
    const buckets = [
      { frames: 500, right: 200 },
      { frames: 500, right: 490 },
      { frames: 0, right: 0 },
    ];
    const t = new StageTable(
      [0.5, 1],
      [
        { accuracy: 0.69, buckets },
        { accuracy: 0.8, buckets },
      ],
      [0.4, 0.9, 1],
    );
    expect(t.rightGiven(1, 0.3)).toBeCloseTo(0.4, 1);
    expect(t.rightGiven(1, 0.95)).toBeCloseTo(0.69, 9);
    expect(t.gainAfter(1, 0.3)).toBeGreaterThan(10 * t.gainAfter(1, 0.8));
    const average = (500 * t.gainAfter(1, 0.3) + 500 * t.gainAfter(1, 0.8)) / 1000;
    expect(average).toBeCloseTo(0.11, 1);
  });

  describe('with what was right at the next exit', () => {
    const t = new StageTable(
      [0.5, 1],
      [
        {
          accuracy: 0.7,
          buckets: [
            { frames: 400, right: 120, rightNext: 280 },
            { frames: 580, right: 551, rightNext: 545 },
            { frames: 0, right: 0, rightNext: 0 },
          ],
        },
        { accuracy: 0.85, buckets: [] },
      ],
      [0.5, 0.99, 1],
    );

    it('gains much on an unsure frame and nothing on a sure one', () => {
      expect(t.gainAfter(1, 0.3)).toBeGreaterThan(0.35);
      expect(t.gainAfter(1, 0.3)).toBeLessThan(0.4); // (280 − 120) / 400, drawn a little to the average
      expect(t.gainAfter(1, 0.9)).toBe(0); // it was right more often before
    });

    it("goes by the accuracy table's difference in an empty bucket", () => {
      expect(t.gainAfter(1, 1)).toBeCloseTo(0.15, 6);
    });
  });

  it('never gains below zero where depth does not pay', () => {
    const worse = new StageTable(
      [0.5, 1],
      [
        { accuracy: 0.8, buckets: [] },
        { accuracy: 0.7, buckets: [] },
      ],
      [1],
    );
    expect(worse.gainAfter(1, 0.5)).toBe(0);
  });
});
