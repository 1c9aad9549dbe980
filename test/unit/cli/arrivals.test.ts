// Arrivals: seeded, on average at the rate, and without drift.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arrivals } from '../../../src/cli/arrivals.ts';

describe('Arrivals', () => {
  it('gives the same times for the same seed, others for another', () => {
    const times = (seed: number) => new Arrivals(seed, 0).until(1000, 50);
    expect(times(7)).toEqual(times(7));
    expect(times(7)).not.toEqual(times(8));
  });

  it('keeps the rate over a long time', () => {
    const count = new Arrivals(1, 0).until(200_000, 100).length;
    expect(count).toBeGreaterThan(19_400); // 20,000 ± 4 standard deviations
    expect(count).toBeLessThan(20_600);
  });

  it('gives the same times however often it is asked', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }), (steps) => {
        const often = new Arrivals(3, 0);
        let now = 0;
        const pieces = steps.flatMap((step) => {
          now += step;
          return often.until(now, 40);
        });
        expect(pieces).toEqual(new Arrivals(3, 0).until(now, 40));
      }),
    );
  });

  it('takes a change of rate up in the gap that has begun', () => {
    const slow = new Arrivals(5, 0);
    const dueSlow = slow.next(1);
    expect(slow.next(1000)).toBeCloseTo(dueSlow / 1000, 6);
    expect(slow.take(1000)).toBeCloseTo(dueSlow / 1000, 6);
  });
});
