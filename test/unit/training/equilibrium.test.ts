// The shares at the parameters are what the paper's shares at the stages' borders multiply to.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NetworkSchema } from '../../../src/network/config.ts';
import { equilibriumShares, equilibriumWeights } from '../../../src/training/equilibrium.ts';

type Takes = 'frame' | 'activations' | 'both';
function networkOf(...takes: Takes[]) {
  const conv = [{ kind: 'conv', out: 4 }];
  const stages = takes.map((from) =>
    from === 'activations' ? { takes: from, trunk: conv } : { takes: from, frame: conv },
  );
  return NetworkSchema.parse({ name: 'n', input: { height: 8, width: 8, channels: 3 }, stages });
}
const chain = (stages: number) => networkOf('frame', ...new Array<Takes>(stages - 1).fill('activations'));

it('is one over the exits behind each stage of a chain', () => {
  expect(equilibriumShares(chain(4))).toEqual([1 / 4, 1 / 3, 1 / 2, 1]);
});

it('equals the formula at the borders: later · (L−i)/(L−i+1) + own · 1/(L−i+1)', () => {
  const gradients = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(gradients, (own) => {
      const shares = equilibriumShares(chain(own.length));
      let [atBorder, sum] = [0, 0];
      for (let i = own.length; i >= 1; i--) {
        const n = own.length - i + 1;
        atBorder = (atBorder * (n - 1)) / n + (own[i - 1] as number) / n;
        sum += own[i - 1] as number;
        expect(sum * (shares[i - 1] as number)).toBeCloseTo(atBorder, 9);
      }
    }),
  );
});

it('counts only exits that a stage reaches', () => {
  expect(equilibriumShares(networkOf('frame', 'activations', 'frame', 'both'))).toEqual([1 / 2, 1, 1 / 2, 1]);
});

it('keeps the mean of the weights at 1', () => {
  expect(equilibriumWeights([0.25, 0.25, 0.25, 0.25])).toEqual([1, 1, 1, 1]);
});
