// Random numbers: the same for the same seed and labels, unrelated for others, and distributed as they say.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random, shuffled } from '../../../src/training/random.ts';

const first = (count: number, ...from: Parameters<typeof random>) => {
  const source = random(...from);
  return Array.from({ length: count }, () => source.next());
};

describe('random', () => {
  it('repeats itself for the same seed and labels only', () => {
    expect(first(5, 1, 'a', 2)).toEqual(first(5, 1, 'a', 2));
    const others = [first(5, 2, 'a', 2), first(5, 1, 'b', 2), first(5, 1, 'a', 3)];
    expect(new Set([first(5, 1, 'a', 2), ...others].flat()).size).toBe(20);
  });

  it('keeps its numbers: checkpoints of older versions go on only if they stay', () => {
    expect(first(2, 1, 'order', 0).map((value) => value.toFixed(6))).toMatchInlineSnapshot(`
      [
        "0.225730",
        "0.051376",
      ]
    `);
  });

  it('is uniform, below its limit, and normal', () => {
    const source = random(9);
    const count = 20_000;
    const uniform = Array.from({ length: count }, () => source.next());
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniform)).toBeLessThan(1);
    for (let tenth = 0; tenth < 10; tenth++) {
      const inside = uniform.filter((value) => Math.floor(value * 10) === tenth).length;
      expect(Math.abs(inside - count / 10)).toBeLessThan(200); // 4.7 deviations
    }
    const normal = Array.from({ length: count }, () => source.normal());
    const mean = normal.reduce((sum, value) => sum + value, 0) / count;
    const variance = normal.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });
});

describe('shuffled', () => {
  it('has every number once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.integer(), (count, seed) => {
        const order = shuffled(count, random(seed));
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      }),
    );
  });

  it('puts every number at every place about as often', () => {
    const counts = new Uint32Array(16);
    for (let seed = 0; seed < 4000; seed++) {
      shuffled(4, random(seed)).forEach((value, place) => {
        counts[place * 4 + value] = (counts[place * 4 + value] as number) + 1;
      });
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(140); // 5 deviations
  });
});
