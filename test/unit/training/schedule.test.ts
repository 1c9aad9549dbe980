// The rate rises to its highest at 23 % of the steps and falls in a line after it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { triangle } from '../../../src/training/schedule.ts';

describe('triangle', () => {
  it('begins at 0.2, is highest at 23 %, and ends at 0.07', () => {
    expect(triangle(0, 101)).toBeCloseTo(0.2, 9);
    expect(triangle(23, 101)).toBeCloseTo(1, 9);
    expect(triangle(100, 101)).toBeCloseTo(0.07, 9);
  });

  it('rises before the peak and falls after it, never outside 0 … 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, at) => {
        const step = Math.floor(at * (steps - 2));
        const [now, next] = [triangle(step, steps), triangle(step + 1, steps)];
        expect(Math.min(now, next)).toBeGreaterThan(0);
        expect(Math.max(now, next)).toBeLessThanOrEqual(1 + 1e-12);
        if ((step + 1) / (steps - 1) <= 0.23) expect(next).toBeGreaterThan(now);
        if (step / (steps - 1) >= 0.23) expect(next).toBeLessThan(now);
      }),
    );
  });
});
