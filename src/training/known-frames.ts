// Frames that are measured on and were learnt from too: a data set may hold an image twice, and whoever packs one may pack the wrong folder.
import { createHash } from 'node:crypto';
import type { FrameSet } from './frames.ts';

/** Frames that are measured on, and how many of them were learnt from too. */
export interface KnownFrames {
  readonly frames: number;
  readonly known: number;
}

/** How many frames of `measured` are in `learnt` too, pixel by pixel; of one input size. */
export function knownFrames(measured: FrameSet, learnt: FrameSet): number {
  const known = new Set(digests(learnt));
  let count = 0;
  for (const digest of digests(measured)) if (known.has(digest)) count++;
  return count;
}

function* digests({ pixels, labels, height, width }: FrameSet): Generator<string> {
  const size = height * width * 3;
  for (let i = 0; i < labels.length; i++)
    yield createHash('sha1')
      .update(pixels.subarray(i * size, (i + 1) * size))
      .digest('base64');
}
