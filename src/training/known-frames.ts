// Frames that are measured on and were learnt from too: a data set may hold an image twice, and whoever packs one may pack the wrong folder.
import { createHash } from 'node:crypto';
import type { FrameSet } from './frames.ts';

/** Frames that are measured on, and how many of them are known, pixel by pixel. */
export interface KnownFrames {
  readonly frames: number;
  readonly known: number;
}

/** Of the frames held out those that are learnt from too, of those to test on those that are either. */
export interface Known {
  readonly heldOut: KnownFrames;
  readonly test: KnownFrames;
}

/** All of one input size. `test`: null where there are none. */
export function knownFrames(learnt: FrameSet, heldOut: FrameSet, test: FrameSet | null): Known {
  const digestsOfHeldOut = [...digests(heldOut)];
  const given = new Set(digests(learnt));
  const knownIn = (own: readonly string[]) => ({
    frames: own.length,
    known: own.filter((digest) => given.has(digest)).length,
  });
  const ofHeldOut = knownIn(digestsOfHeldOut);
  for (const digest of digestsOfHeldOut) given.add(digest);
  return { heldOut: ofHeldOut, test: knownIn(test === null ? [] : [...digests(test)]) };
}

function* digests({ pixels, labels, height, width }: FrameSet): Generator<string> {
  const size = height * width * 3;
  for (let i = 0; i < labels.length; i++)
    yield createHash('sha1')
      .update(pixels.subarray(i * size, (i + 1) * size))
      .digest('base64');
}
