// The loss weights against the table of the paper, and that a step's coefficients sum to 1.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lossWeights, stepWeights } from '../../../src/training/loss-weights.ts';
import { random } from '../../../src/training/random.ts';

describe('lossWeights', () => {
  it('gives the SIEVE table for eight exits', () => {
    expect(lossWeights('sieve', 8).map((w) => w.toFixed(3))).toEqual([
      '0.091',
      '0.182',
      '0.091',
      '0.273',
      '0.091',
      '0.182',
      '0.091',
      '1.000',
    ]);
  });

  it('lets the last exit count as much as all others together', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), (exits) => {
        const weights = lossWeights('sieve', exits);
        expect(weights.slice(0, -1).reduce((sum, w) => sum + w, 0)).toBeCloseTo(weights[exits - 1] as number, 9);
        expect(Math.min(...weights)).toBeGreaterThan(0);
      }),
    );
  });

  it('goes from a quarter to one in a line', () => {
    expect(lossWeights('linear', 4)).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it('is the same for all with const, and for a single exit with any scheme', () => {
    expect(lossWeights('const', 3)).toEqual([1, 1, 1]);
    expect([lossWeights('sieve', 1), lossWeights('linear', 1)]).toEqual([[1], [1]]);
  });
});

describe('stepWeights', () => {
  it('sums to 1 with and without oscillation', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer(), (exits, seed) => {
        const weights = lossWeights('sieve', exits);
        for (const source of [null, random(seed)]) {
          expect(stepWeights(weights, source).reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 9);
        }
      }),
    );
  });

  it('draws each exit as often as its weight says', () => {
    const weights = lossWeights('sieve', 5);
    const total = weights.reduce((sum, w) => sum + w, 0);
    const plain = weights.map((w) => w / (1.5 * total));
    const drawn = weights.map(() => 0);
    const source = random(3);
    for (let i = 0; i < 20_000; i++) {
      const which = stepWeights(weights, source).findIndex((w, exit) => w > (plain[exit] as number) + 1e-9);
      drawn[which] = (drawn[which] as number) + 1;
    }
    drawn.forEach((count, exit) => {
      expect(count / 20_000).toBeCloseTo((weights[exit] as number) / total, 1);
    });
  });
});
