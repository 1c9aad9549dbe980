import { describe, expect, it } from 'vitest';
import { GLYPH_CLASSES } from '../../../../src/training/glyphs/classes.ts';
import { FONTS } from '../../../../src/training/glyphs/fonts.ts';
import { glyphFiles, glyphFrames } from '../../../../src/training/glyphs/generate.ts';
import { collect } from '../../../helpers/collect.ts';

describe('glyphFrames', () => {
  it('draws every class once in each run of 32 frames, in an order of its own', async () => {
    const labels = (await collect(glyphFrames({ count: 64, seed: 3, split: 'train' }))).map(({ label }) => label);
    expect(labels.slice(0, 32).sort()).toEqual([...GLYPH_CLASSES]);
    expect(labels.slice(32).sort()).toEqual([...GLYPH_CLASSES]);
    expect(labels.slice(0, 32)).not.toEqual(labels.slice(32));
  });

  it('draws the same frames again, however many are asked for, and others for another seed or split', async () => {
    const draw = (count: number, seed: number, split: 'train' | 'test') => collect(glyphFrames({ count, seed, split }));
    const [once, again, seed, split] = await Promise.all([
      draw(20, 7, 'train'),
      draw(24, 7, 'train'),
      draw(20, 8, 'train'),
      draw(20, 7, 'test'),
    ]);
    expect(again.slice(0, 20)).toEqual(once);
    const pixelsOf = (frames: typeof once) => frames.map(({ pixels }) => Buffer.from(pixels).toString('base64'));
    expect(new Set([...pixelsOf(once), ...pixelsOf(seed), ...pixelsOf(split)]).size).toBe(60);
  });

  it('draws test frames with fonts that training never sees', async () => {
    const frames = await collect(glyphFrames({ count: 200, seed: 1, split: 'test' }));
    const families = (split: 'train' | 'test') => FONTS[split].map(([family]) => family);
    const used = new Set(frames.map(({ font }) => font.replace(/-latin-.*/, '')));
    expect([...used].sort()).toEqual(families('test').sort());
    expect(families('train').filter((family) => used.has(family))).toEqual([]);
  });

  it('shows the glyph: clean frames have two tones, and no frame is flat', async () => {
    const frames = await collect(glyphFrames({ count: 160, seed: 2, split: 'train' }));
    const spread = (pixels: Uint8Array) => {
      const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
      return Math.sqrt(pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / pixels.length);
    };
    for (const { pixels, disturbance } of frames) {
      expect(pixels).toHaveLength(32 * 32 * 3);
      expect(spread(pixels)).toBeGreaterThan(disturbance.difficulty < 0.2 ? 35 : 3);
    }
  });

  it('encodes frames as JPEG files of about 650 bytes', async () => {
    const files = await collect(glyphFiles({ count: 32, seed: 1, split: 'test' }));
    for (const { jpeg } of files) {
      expect(jpeg.subarray(0, 3)).toEqual(Buffer.of(0xff, 0xd8, 0xff));
      expect(jpeg.length).toBeLessThan(1024);
    }
  });
});
