// AdaLoss against an example worked out by hand, and what must hold for any losses.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { adaLoss, adaLossWeights } from '../../../../src/training/loss-weights/ada-loss.ts';

const settings = { momentum: 0.9, gamma: 0.07, finalExtra: 0.5 };

it('gives the example worked out by hand', () => {
  const first = adaLoss(null, [2, 1, 0.5], settings);
  expect(first.state).toEqual([2, 1, 0.5]);
  // 1/ema = .5 1 2 → .25 .5 1 → .25 .5 1.5 → 1/6 1/3 1 → .93·w + .07
  [0.225, 0.38, 1].forEach((weight, i) => {
    expect(first.weights[i]).toBeCloseTo(weight, 12);
  });
  const second = adaLoss(first.state, [1, 1, 1.5], settings);
  [1.9, 1, 0.6].forEach((ema, i) => {
    expect(second.state[i]).toBeCloseTo(ema, 12); // .9·2 + .1·1, .9·1 + .1·1, .9·.5 + .1·1.5
  });
  // .6/1.9 .6 1 → last 1.5 → .4/1.9 .4 1
  [0.93 * (0.4 / 1.9) + 0.07, 0.442, 1].forEach((weight, i) => {
    expect(second.weights[i]).toBeCloseTo(weight, 12);
  });
});

it('evens the weighted losses out without γ and e', () => {
  const weights = adaLossWeights([3, 2, 0.25], { momentum: 0.9, gamma: 0, finalExtra: 0 });
  const weighted = [3, 2, 0.25].map((loss, i) => loss * (weights[i] as number));
  for (const loss of weighted) expect(loss).toBeCloseTo(0.25, 12);
});

it('keeps every weight between γ and 1, the largest 1, also at a loss of 0', () => {
  const losses = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(losses, (given) => {
      const { weights } = adaLoss(null, given, settings);
      expect(Math.max(...weights)).toBeCloseTo(1, 12);
      expect(Math.min(...weights)).toBeGreaterThanOrEqual(0.07 - 1e-12);
    }),
  );
});
