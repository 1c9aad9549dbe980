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

it('counts each frame held out that is learnt from, pixel by pixel', () => {
  const known = (heldOut: FrameSet, learnt: FrameSet) => knownFrames(learnt, heldOut, null).heldOut.known;
  expect(known(frames(1, 2, 3, 2), frames(5, 2, 9, 9))).toBe(2);
  expect(known(frames(1, 2), frames(3, 4))).toBe(0);
  expect(known(frames(), frames(3))).toBe(0);
});

it('counts each frame to test on that is learnt from or held out', () => {
  expect(knownFrames(frames(5, 2), frames(7, 2), frames(7, 5, 1, 7))).toEqual({
    heldOut: { frames: 2, known: 1 },
    test: { frames: 4, known: 3 },
  });
  expect(knownFrames(frames(5), frames(7), null).test).toEqual({ frames: 0, known: 0 });
});
