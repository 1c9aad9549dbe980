// The split holds out its share of every class, the same for the same seed; normalisation is the data's own.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FrameSet, framesSha256, normalisationOf, split } from '../../../src/training/frames.ts';

/** Frame i is filled with the value i, so that a frame can be told by its pixels. */
function numbered(labels: number[]): FrameSet {
  const pixels = Uint8Array.from({ length: labels.length * 12 }, (_, i) => Math.floor(i / 12));
  return { name: 'numbered', classes: ['a', 'b', 'c'], height: 2, width: 2, pixels, labels: Uint16Array.from(labels) };
}

const mixed = numbered(Array.from({ length: 120 }, (_, i) => (i % 4 === 3 ? 0 : i % 4)));
const numbers = (set: FrameSet) => Array.from(set.labels, (_, i) => set.pixels[i * 12] as number);

describe('split', () => {
  it('puts every frame in exactly one part, with its own label', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(0.05, 0.1, 0.5), (seed, share) => {
        const { train, validation } = split(mixed, share, seed);
        expect([...numbers(train), ...numbers(validation)].sort((a, b) => a - b)).toEqual(numbers(mixed));
        for (const part of [train, validation])
          numbers(part).forEach((n, i) => {
            expect(part.labels[i]).toBe(mixed.labels[n]);
          });
      }),
    );
  });

  it('holds out the share of every class', () => {
    const { validation } = split(mixed, 0.1, 1);
    expect([0, 1, 2].map((label) => validation.labels.filter((l) => l === label).length)).toEqual([6, 3, 3]);
  });

  it('is the same for the same seed and another for another', () => {
    expect(numbers(split(mixed, 0.1, 5).validation)).toEqual(numbers(split(mixed, 0.1, 5).validation));
    expect(numbers(split(mixed, 0.1, 6).validation)).not.toEqual(numbers(split(mixed, 0.1, 5).validation));
  });

  it('keeps a single frame of a class for training and holds out at least one of any other', () => {
    const { train, validation } = split(numbered([0, 0, 0, 1, 1, 2]), 0.05, 1);
    expect([...train.labels]).toEqual([0, 0, 1, 2]);
    expect([...validation.labels]).toEqual([0, 1]);
  });

  it('never holds out a whole class', () => {
    const { train } = split(numbered([0, 0, 1, 1, 2, 2]), 0.9, 1);
    expect([...train.labels]).toEqual([0, 1, 2]);
  });

  it('names the class that has none, and says when nothing can be held out', () => {
    expect(() => split(numbered([0, 0, 1, 1]), 0.4, 1)).toThrow(/"c".*got none/);
    expect(() => split(numbered([0, 1, 2]), 0.4, 1)).toThrow(/to hold out/);
    expect(() => split(mixed, 0, 1)).toThrow(/share above 0/);
  });
});

describe('framesSha256', () => {
  it('is the same in whatever pieces the pixels are hashed, and another for another pixel or label', () => {
    const { pixels, labels } = mixed;
    const whole = framesSha256(mixed);
    for (const atOnce of [1, 7, pixels.length, 2 * pixels.length]) expect(framesSha256(mixed, atOnce)).toBe(whole);
    expect(whole).toBe(
      createHash('sha256')
        .update(new Uint8Array(Uint16Array.from(labels).buffer))
        .update(pixels)
        .digest('hex'),
    );
    expect(framesSha256({ ...mixed, pixels: pixels.map((value, i) => (i === 9 ? value ^ 1 : value)) })).not.toBe(whole);
    expect(framesSha256({ ...mixed, labels: labels.map((value, i) => (i === 3 ? value ^ 1 : value)) })).not.toBe(whole);
  });
});

describe('normalisationOf', () => {
  it('gives mean and deviation of each channel', () => {
    const pixels = Uint8Array.of(0, 51, 255, 255, 51, 255, 0, 51, 255, 255, 51, 255);
    const set: FrameSet = { ...numbered([0]), pixels };
    expect(normalisationOf(set)).toEqual({ mean: [0.5, 0.2, 1], std: [0.5, 0.001, 0.001] });
  });
});
