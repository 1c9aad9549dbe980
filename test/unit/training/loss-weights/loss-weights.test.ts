// The fixed schemes against the tables of the paper; AdaLoss remembers, the others do not.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterStep, LOSS_WEIGHTS, lossWeights } from '../../../../src/training/loss-weights/loss-weights.ts';

const sum = (weights: readonly number[]) => weights.reduce((total, w) => total + w, 0);

describe('lossWeights', () => {
  it('gives the SIEVE table for eight exits', () => {
    const elevenths = [1, 2, 1, 3, 1, 2, 1, 11];
    lossWeights('sieve', 8).forEach((weight, i) => {
      expect(weight).toBeCloseTo((elevenths[i] as number) / 11, 12);
    });
    const table = ['0.091', '0.182', '0.091', '0.273', '0.091', '0.182', '0.091', '1.000'];
    expect(lossWeights('sieve', 8).map((w) => w.toFixed(3))).toEqual(table);
  });

  it.each(['sieve', 'half-end'] as const)('lets the last exit of %s count as much as all others together', (scheme) => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), (exits) => {
        const weights = lossWeights(scheme, exits);
        expect(weights.at(-1)).toBe(1);
        expect(sum(weights.slice(0, -1))).toBeCloseTo(1, 9);
        expect(Math.min(...weights)).toBeGreaterThan(0);
      }),
    );
  });

  it('gives the other tables', () => {
    expect(lossWeights('linear', 4)).toEqual([0.25, 0.5, 0.75, 1]);
    expect(lossWeights('const', 3)).toEqual([1, 1, 1]);
    expect(lossWeights('half-end', 5)).toEqual([0.25, 0.25, 0.25, 0.25, 1]);
    expect(lossWeights('opt', 4)).toEqual([0, 0, 0, 1]);
  });

  it.each(LOSS_WEIGHTS)('%s gives a single exit all the weight', (scheme) => {
    expect(lossWeights(scheme, 1)).toEqual([1]);
    expect(lossWeights(scheme, 1, afterStep(scheme, null, [2.3]))).toEqual([1]);
  });

  it('follows the losses with adaloss only', () => {
    for (const scheme of LOSS_WEIGHTS) {
      const state = afterStep(scheme, null, [2, 1]);
      expect(state === null).toBe(scheme !== 'adaloss');
      if (scheme === 'adaloss') expect(lossWeights(scheme, 2, state)).not.toEqual(lossWeights(scheme, 2));
      else expect(lossWeights(scheme, 2, state)).toEqual(lossWeights(scheme, 2));
    }
  });
});
