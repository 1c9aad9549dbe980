import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHalf, toHalf } from '../../../src/network/half.ts';

describe('half precision', () => {
  it('reads every one of the 65,536 patterns back as itself', () => {
    const wrong: number[] = [];
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = fromHalf(bits);
      if (!Number.isNaN(value) && toHalf(value) !== bits) wrong.push(bits);
    }
    expect(wrong).toEqual([]);
  });

  it('rounds to the nearest of the two neighbours, ties to the even one', () => {
    fc.assert(
      fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
        const bits = toHalf(value);
        const error = Math.abs(fromHalf(bits) - value);
        for (const neighbour of [bits - 1, bits + 1].filter((b) => (b & 0x7fff) <= 0x7c00 && b >= 0)) {
          const other = Math.abs(fromHalf(neighbour) - value);
          expect(error < other || (error === other && (bits & 1) === 0) || (error === 0 && other === 0)).toBe(true);
        }
      }),
    );
  });

  it.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519, 0x7bff],
    [65520, 0x7c00],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [Number.NEGATIVE_INFINITY, 0xfc00],
  ])('%d is %d', (value, bits) => {
    expect(toHalf(value)).toBe(bits);
  });

  it('keeps what is no number', () => {
    expect(fromHalf(toHalf(Number.NaN))).toBeNaN();
  });
});
