import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { colourOf, css, lightnessPair } from '../../../../src/training/glyphs/colour.ts';
import { random } from '../../../../src/training/random.ts';

describe('lightnessPair', () => {
  it('keeps the contrast asked for inside black and white', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 0.95, noNaN: true }), fc.nat(), (contrast, seed) => {
        const { ground, glyph } = lightnessPair(contrast, random(seed));
        expect(Math.abs(ground - glyph)).toBeCloseTo(contrast, 9);
        expect(Math.min(ground, glyph)).toBeGreaterThanOrEqual(-1e-9);
        expect(Math.max(ground, glyph)).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });

  it('makes glyphs lighter and darker than the ground', () => {
    const lighter = Array.from({ length: 200 }, (_, i) => lightnessPair(0.6, random(i))).filter(
      (p) => p.glyph > p.ground,
    );
    expect(lighter.length).toBeGreaterThan(60);
    expect(lighter.length).toBeLessThan(140);
  });
});

describe('colourOf', () => {
  it('gives channels of 8 bits about as light as asked', () => {
    for (let seed = 0; seed < 300; seed++) {
      const [r, g, b] = colourOf(0.5, random(seed));
      for (const channel of [r, g, b]) expect(Number.isInteger(channel) && channel >= 0 && channel <= 255).toBe(true);
      expect((0.3 * r + 0.59 * g + 0.11 * b) / 255).toBeCloseTo(0.5, 0.7);
    }
    expect(css([1, 2, 3])).toBe('rgb(1,2,3)');
  });
});
