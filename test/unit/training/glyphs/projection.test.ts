import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { project, projection, svgPath } from '../../../../src/training/glyphs/projection.ts';

const still = { scale: 1, stretch: 1, angle: 0, shear: 0, tiltX: 0, tiltY: 0, x: 0, y: 0 };
const near = (a: readonly number[], b: readonly number[]): void => {
  for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i] ?? Number.NaN, 9);
};
const share = fc.double({ min: -0.5, max: 0.5, noNaN: true });

describe('projection', () => {
  it('does nothing when nothing is asked', () => {
    fc.assert(fc.property(share, share, (x, y) => near(project(projection(still), x, y), [x, y])));
  });

  it('scales, turns clockwise on the screen, and moves', () => {
    near(project(projection({ ...still, scale: 10, x: 5, y: 6 }), 0.5, -0.5), [10, 1]);
    near(project(projection({ ...still, angle: Math.PI / 2 }), 1, 0), [0, 1]);
    near(project(projection({ ...still, stretch: 2 }), 1, 1), [2, 0.5]);
    near(project(projection({ ...still, shear: 0.5 }), 0, 1), [0.5, 1]);
  });

  it('makes the far side smaller under tilt and keeps the middle in place', () => {
    const tilted = projection({ ...still, scale: 10, x: 16, y: 16, tiltX: 0.5 });
    near(project(tilted, 0, 0), [16, 16]);
    const height = (x: number) => project(tilted, x, 0.5)[1] - project(tilted, x, -0.5)[1];
    expect(height(-0.5)).toBeGreaterThan(height(0));
    expect(height(0)).toBeGreaterThan(height(0.5));
  });

  it('keeps straight lines straight', () => {
    fc.assert(
      fc.property(share, share, share, share, share, (angle, shear, tiltX, tiltY, t) => {
        const m = projection({ ...still, scale: 20, angle, shear, tiltX, tiltY, x: 16, y: 16 });
        const [a, b, c] = [project(m, -0.5, 0.3), project(m, 0.5, -0.2), project(m, t, 0.3 - 0.5 * (t + 0.5))];
        expect((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])).toBeCloseTo(0, 6);
      }),
    );
  });
});

describe('svgPath', () => {
  it('writes each command with its points', () => {
    const outline = { commands: 'MLQCZ', points: Float64Array.from({ length: 14 }, (_, i) => i) };
    const path = svgPath(outline, projection({ ...still, scale: 1.5 }));
    expect(path).toBe('M0.00 1.50 L3.00 4.50 Q6.00 7.50 9.00 10.50 C12.00 13.50 15.00 16.50 18.00 19.50 Z');
  });
});
