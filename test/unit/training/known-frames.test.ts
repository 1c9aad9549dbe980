// Frames that are measured on and were learnt from are counted, whatever their class is said to be.
import { expect, it } from 'vitest';
import type { FrameSet } from '../../../src/training/frames.ts';
import { knownFrames } from '../../../src/training/known-frames.ts';

/** Frames of one pixel each. */
function frames(...greys: number[]): FrameSet {
  const pixels = Uint8Array.from(greys.flatMap((grey) => [grey, grey, 7]));
  const labels = Uint16Array.from(greys, (_, i) => i % 2);
  return { name: 'greys', classes: ['a', 'b'], height: 1, width: 1, pixels, labels };
}

it('counts each frame measured that was learnt from, pixel by pixel', () => {
  expect(knownFrames(frames(1, 2, 3, 2), frames(5, 2, 9, 9))).toBe(2);
  expect(knownFrames(frames(1, 2), frames(3, 4))).toBe(0);
  expect(knownFrames(frames(), frames(3))).toBe(0);
});
