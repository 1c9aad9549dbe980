import { describe, expect, it } from 'vitest';
import { drawDisturbance } from '../../../../src/training/glyphs/difficulty.ts';
import { random } from '../../../../src/training/random.ts';

const drawn = Array.from({ length: 4000 }, (_, i) => drawDisturbance(random(5, i)));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('drawDisturbance', () => {
  it('spreads difficulty evenly from clean to hopeless', () => {
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = drawn.filter(({ difficulty }) => Math.floor(difficulty * 10) === tenth).length / drawn.length;
      expect(share).toBeGreaterThan(0.07);
      expect(share).toBeLessThan(0.13);
    }
  });

  it.each(['clutter', 'occluders', 'blur', 'motion', 'noise'] as const)('gives hard frames more %s', (what) => {
    const hard = drawn.filter(({ difficulty }) => difficulty > 0.75).map((d) => d[what]);
    const easy = drawn.filter(({ difficulty }) => difficulty < 0.25).map((d) => d[what]);
    expect(mean(hard)).toBeGreaterThan(1.5 * mean(easy));
  });

  it.each(['scale', 'contrast', 'light'] as const)('gives hard frames less %s, yet some', (what) => {
    const hard = drawn.filter(({ difficulty }) => difficulty > 0.75).map((d) => d[what]);
    const easy = drawn.filter(({ difficulty }) => difficulty < 0.25).map((d) => d[what]);
    expect(mean(hard)).toBeLessThan(mean(easy));
    expect(Math.min(...hard)).toBeGreaterThan(0.2);
  });
});
