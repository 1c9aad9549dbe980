import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GLYPH_CLASSES } from '../../../../src/training/glyphs/classes.ts';
import { FONTS } from '../../../../src/training/glyphs/fonts.ts';
import { MORE_FONTS_FOLDER } from '../../../../src/training/glyphs/more-fonts.ts';
import { loadOutlines } from '../../../../src/training/glyphs/outlines.ts';

const POINTS: Record<string, number> = { M: 1, L: 1, Q: 2, C: 3, Z: 0 };

describe.each(['train', 'test'] as const)('outlines of the %s fonts', (split) => {
  it('are there for every weight and class, in one size', async () => {
    const fonts = await loadOutlines(split);
    expect(fonts).toHaveLength(FONTS[split].reduce((sum, [, ...weights]) => sum + weights.length, 0));
    for (const { name, outlines } of fonts) {
      expect(outlines).toHaveLength(GLYPH_CLASSES.length);
      for (const { commands, points } of outlines) {
        expect(commands, name).toMatch(/^M[MLQCZ]{3,}$/);
        expect(points).toHaveLength([...commands].reduce((sum, command) => sum + 2 * (POINTS[command] ?? 0), 0));
        const xs = points.filter((_, i) => i % 2 === 0);
        const ys = points.filter((_, i) => i % 2 === 1);
        const [width, height] = [Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)];
        expect(Math.max(width, height), name).toBeCloseTo(1, 6);
        expect(Math.max(...xs) + Math.min(...xs)).toBeCloseTo(0, 6);
      }
    }
  });

  it('differ from class to class: no font lacks a glyph and shows a box instead', async () => {
    for (const { name, outlines } of await loadOutlines(split)) {
      const shapes = new Set(outlines.map(({ commands, points }) => commands + points.join()));
      expect(shapes.size, name).toBe(GLYPH_CLASSES.length);
    }
  });
});

describe('the split', () => {
  const tested = FONTS.test.map(([family]) => family);
  const drawn = FONTS.train.map(([family]) => family);

  it('has no family in both', () => {
    expect(drawn.filter((family) => tested.includes(family))).toEqual([]);
  });

  it('has none among the many either, nor a sister of one', async () => {
    const list = await readFile(join(MORE_FONTS_FOLDER, 'package.json'), 'utf8');
    const { dependencies } = JSON.parse(list) as { dependencies: Record<string, string> };
    const many = Object.keys(dependencies).map((name) => name.replace('@fontsource/', ''));
    expect(many.length).toBeGreaterThan(200);
    expect(many.filter((family) => drawn.includes(family))).toEqual([]);
    const isSister = (family: string) => tested.some((one) => family === one || family.startsWith(`${one}-`));
    expect(many.filter(isSister)).toEqual([]);
  });
});
