// Warns of frames whose bytes are no image: they are sent all the same, the worker's dead letter is what counts.
import { IMAGE_FORMATS, imageFormat } from '../adapters/codec/image-format.ts';
import { plainText } from '../core/plain-text.ts';
import type { LabelledFrame } from '../training/data-set/frame.ts';

/** Told one by one, so many at most. */
const MOST_TOLD = 5;

/** The function returned looks at a frame and says what is wrong with it. */
export function noImageWarnings(say: (line: string) => void): (frame: Pick<LabelledFrame, 'path' | 'bytes'>) => void {
  let told = 0;
  return ({ path, bytes }) => {
    if (told > MOST_TOLD || imageFormat(bytes) !== null) return;
    told += 1;
    say(
      told > MOST_TOLD
        ? 'More such files are not told.'
        : `Warning: the bytes of ${plainText(path)} are of no known image format (${IMAGE_FORMATS}); sent all the same, it will be a dead letter`,
    );
  };
}
