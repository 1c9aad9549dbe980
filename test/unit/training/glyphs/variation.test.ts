// Shapes between the fonts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outline } from '../../../../src/training/glyphs/outlines.ts';
import { bent, boldness } from '../../../../src/training/glyphs/variation.ts';
import { random } from '../../../../src/training/random.ts';

const point = fc.double({ min: -0.5, max: 0.5, noNaN: true });
const outline = fc.array(fc.tuple(point, point), { minLength: 3, maxLength: 20 }).map(
  (points): Outline => ({
    commands: `M${'L'.repeat(points.length - 1)}Z`,
    points: Float64Array.from(points.flat()),
  }),
);

describe('bent', () => {
  it('moves every point a little, keeps near ones near, and leaves the font as it is', () => {
    fc.assert(
      fc.property(outline, fc.nat(), (glyph, seed) => {
        const before = Float64Array.from(glyph.points);
        const { commands, points } = bent(glyph, random(seed, 'bend'));
        expect(commands).toBe(glyph.commands);
        expect(glyph.points).toEqual(before);
        for (let i = 0; i < points.length; i++)
          expect(Math.abs((points[i] as number) - (before[i] as number))).toBeLessThanOrEqual(2 * 0.035);
        for (let i = 2; i < points.length; i += 2) {
          const [dx, dy] = [0, 1].map((k) => (before[i + k] as number) - (before[i + k - 2] as number)) as [
            number,
            number,
          ];
          const [mx, my] = [0, 1].map((k) => (points[i + k] as number) - (points[i + k - 2] as number)) as [
            number,
            number,
          ];
          const apart = Math.hypot(dx, dy);
          // two waves of at most 6 radians a box, each moving by at most 0.035 in x and in y
          expect(Math.hypot(mx - dx, my - dy)).toBeLessThanOrEqual(2 * 6 * 0.035 * Math.SQRT2 * apart + 1e-9);
        }
      }),
    );
  });

  it('bends otherwise with another seed, and the same way with the same', () => {
    const glyph: Outline = { commands: 'MLLZ', points: Float64Array.of(-0.5, -0.5, 0.5, -0.5, 0, 0.5) };
    const of = (seed: number) => [...bent(glyph, random(seed, 'bend')).points].join();
    expect(of(1)).toBe(of(1));
    expect(of(1)).not.toBe(of(2));
  });
});

describe('boldness', () => {
  it('is none for about half of the glyphs, and small for the others', () => {
    const source = random(1, 'bold');
    const drawn = Array.from({ length: 2000 }, () => boldness(source));
    const none = drawn.filter((bold) => bold === 0).length;
    expect(none).toBeGreaterThan(900);
    expect(none).toBeLessThan(1100);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(0.035);
    expect(Math.max(...drawn)).toBeGreaterThan(0.03);
  });
});
