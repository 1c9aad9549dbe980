// A step's coefficients sum to 1 and, over many draws, are in proportion to the weights.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOSS_WEIGHTS, lossWeights } from '../../../../src/training/loss-weights/loss-weights.ts';
import { stepWeights } from '../../../../src/training/loss-weights/oscillation.ts';
import { random } from '../../../../src/training/random.ts';

describe('stepWeights', () => {
  it('sums to 1 with and without oscillation', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...LOSS_WEIGHTS),
        fc.integer({ min: 1, max: 20 }),
        fc.integer(),
        (scheme, exits, seed) => {
          const weights = lossWeights(scheme, exits);
          for (const source of [null, random(seed)]) {
            expect(stepWeights(weights, source).reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 9);
          }
        },
      ),
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

  it('adds W/2 to the drawn exit alone, which is B_i + (W/2)·B_i/W = 1.5·B_i expected', () => {
    const positive = fc.array(fc.double({ min: 0.01, max: 10, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(positive, (weights) => {
        const total = weights.reduce((sum, w) => sum + w, 0);
        // The expectation over the uniform number, exactly: every exit's stretch of [0, 1) has its middle drawn once.
        const expected = weights.map(() => 0);
        let from = 0;
        weights.forEach((weight, drawn) => {
          const middle = { next: () => (from + weight / 2) / total, below: () => 0, normal: () => 0 };
          const step = stepWeights(weights, middle);
          step.forEach((w, i) => {
            const plain = (weights[i] as number) / (1.5 * total);
            expect(w - plain).toBeCloseTo(i === drawn ? 1 / 3 : 0, 9);
            expected[i] = (expected[i] as number) + (w * weight) / total;
          });
          from += weight;
        });
        expected.forEach((w, i) => {
          expect(w).toBeCloseTo((weights[i] as number) / total, 9);
        });
      }),
    );
  });
});
