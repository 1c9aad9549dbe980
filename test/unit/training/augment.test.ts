// Batches: the right frames and values; shifts and flips do what they say and nothing else.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkShift, makeBatch } from '../../../src/training/augment.ts';
import type { FrameSet } from '../../../src/training/frames.ts';
import { random } from '../../../src/training/random.ts';

const SIZE = 4;
const identity = { mean: [0, 0, 0], std: [1, 1, 1] } as const;

/** Frame f has the value 16·f + 4·row + column in every channel. */
const data: FrameSet = {
  name: 'numbered',
  classes: ['a', 'b'],
  height: SIZE,
  width: SIZE,
  pixels: Uint8Array.from({ length: 6 * 48 }, (_, i) => Math.floor(i / 3)),
  labels: new Uint16Array(6),
};

/** First channel of the batch as pixel values 0…255. */
const values = (batch: Float32Array) =>
  Array.from(
    batch.filter((_, i) => i % 3 === 0),
    (v) => Math.round(v * 255),
  );
const frame = (f: number) => Array.from({ length: 16 }, (_, i) => 16 * f + i);

describe('makeBatch', () => {
  it('takes the frames asked for in their order, as they are without augmentation', () => {
    expect(values(makeBatch(data, identity, Int32Array.of(3, 1), null))).toEqual([...frame(3), ...frame(1)]);
  });

  it('normalises each channel by its own mean and deviation', () => {
    const to = { mean: [0.5, 0, 0.25], std: [0.5, 1, 2] } as const;
    const batch = makeBatch({ ...data, pixels: new Uint8Array(48).fill(255) }, to, Int32Array.of(0), null);
    expect([...batch.subarray(0, 3)]).toEqual([1, 1, 0.375]);
  });

  it('flips each frame in exactly one of two epochs, and half of the frames in each', () => {
    const by = { shift: 0, flips: true, cutout: 0 };
    const flipped = (epoch: number) =>
      Array.from({ length: 6 }, (_, f) => {
        const [first] = values(makeBatch(data, identity, Int32Array.of(f), { by, epoch, source: random(1) }));
        expect([16 * f, 16 * f + 3]).toContain(first);
        return first === 16 * f + 3;
      });
    const [even, odd] = [flipped(0), flipped(1)];
    expect(odd).toEqual(even.map((was) => !was));
    expect(even.filter(Boolean).length).toBeGreaterThan(0);
    expect(odd.filter(Boolean).length).toBeGreaterThan(0);
  });

  it('shifts by at most the pixels allowed, filling with the frame mirrored at its edge', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: SIZE - 1 }), (seed, shift) => {
        const by = { shift, flips: false, cutout: 0 };
        const got = values(makeBatch(data, identity, Int32Array.of(2), { by, epoch: 0, source: random(seed) }));
        const at = (i: number) => (i < 0 ? -i : i >= SIZE ? 2 * (SIZE - 1) - i : i);
        const candidates: number[][] = [];
        for (let dy = -shift; dy <= shift; dy++)
          for (let dx = -shift; dx <= shift; dx++)
            candidates.push(frame(2).map((_, i) => 32 + 4 * at(Math.floor(i / 4) + dy) + at((i % 4) + dx)));
        expect(candidates).toContainEqual(got);
      }),
    );
  });

  it('refuses shifts that would leave nothing of a frame', () => {
    expect(() => checkShift(SIZE - 1, data)).not.toThrow();
    expect(() => checkShift(SIZE, { height: 8, width: SIZE })).toThrow(/at most 3 pixels for frames of 4×8, got 4/);
  });

  it('blots out one square of the mean colour, whose centre is in the frame', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 3 }), (seed, side) => {
        const by = { shift: 0, flips: false, cutout: side };
        const to = { mean: [1, 1, 1], std: [1, 1, 1] } as const; // no pixel of the frame is at the mean
        const got = makeBatch(data, to, Int32Array.of(2), { by, epoch: 0, source: random(seed) });
        const plain = makeBatch(data, to, Int32Array.of(2), null);
        const blots = [...got.keys()].filter((i) => got[i] === 0);
        expect(got.filter((_, i) => got[i] !== 0)).toEqual(plain.filter((_, i) => got[i] !== 0));
        const rows = new Set(blots.map((i) => Math.floor(i / (SIZE * 3))));
        const columns = new Set(blots.map((i) => Math.floor(i / 3) % SIZE));
        for (const lines of [rows, columns]) {
          const [least, most] = [Math.min(...lines), Math.max(...lines)];
          expect(lines.size).toBe(most - least + 1);
          expect(lines.size).toBeLessThanOrEqual(side);
          const isCut = lines.size < side; // only where it hangs over an edge, and by less than it is wide
          expect(!isCut || least === 0 || most === SIZE - 1).toBe(true);
        }
        expect(blots.length).toBe(rows.size * columns.size * 3);
        expect(blots.length).toBeGreaterThan(0);
      }),
    );
  });
});
