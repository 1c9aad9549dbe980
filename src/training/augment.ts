// Makes one batch: picks frames, shifts and mirrors them, normalises, blots out a square. Plain JavaScript: 0.3 % of a training step.
import { AnytimeError } from '../errors.ts';
import { type FrameSet, type Normalisation, normalise } from './frames.ts';
import type { Random } from './random.ts';

export interface Augmentation {
  /** Frames move by up to so many pixels each way; what comes in is the frame mirrored at its edge. */
  readonly shift: number;
  /** Mirror left-right: each frame in every second epoch, beginning by its number (arXiv 2404.00498). Not for characters. */
  readonly flips: boolean;
  /** Side in pixels of a square set to the mean colour, its centre anywhere in the frame (cut-out, arXiv 1708.04552). 0: none. */
  readonly cutout: number;
}

/** Errors: bad-argument where a frame would be shifted out of itself. */
export function checkShift(shift: number, { height, width }: Pick<FrameSet, 'height' | 'width'>): void {
  const most = Math.min(height, width) - 1;
  if (shift <= most) return;
  throw new AnytimeError(
    'bad-argument',
    `Expected a shift of at most ${most} pixels for frames of ${width}×${height}, got ${shift}`,
  );
}

/** Frames `order[from … from+count)` as float32 [count, height, width, 3]. Without `augmentation` as they are. */
export function makeBatch(
  data: FrameSet,
  to: Normalisation,
  order: Int32Array,
  augmented: { readonly by: Augmentation; readonly epoch: number; readonly source: Random } | null,
): Float32Array<ArrayBuffer> {
  const { height, width } = data;
  const table = normalise(to);
  const batch = new Float32Array(order.length * height * width * 3);
  const columns = new Int32Array(width);
  let at = 0;
  for (const frame of order) {
    const shift = augmented?.by.shift ?? 0;
    const dy = shift === 0 ? 0 : (augmented as { source: Random }).source.below(2 * shift + 1) - shift;
    const dx = shift === 0 ? 0 : (augmented as { source: Random }).source.below(2 * shift + 1) - shift;
    const isFlipped =
      augmented?.by.flips === true && ((Math.imul(frame, 0x9e3779b1) >>> 16) + augmented.epoch) % 2 === 1;
    for (let x = 0; x < width; x++) columns[x] = mirrored(isFlipped ? width - 1 - x + dx : x + dx, width);
    for (let y = 0; y < height; y++) {
      const row = (frame * height + mirrored(y + dy, height)) * width;
      for (let x = 0; x < width; x++) {
        const pixel = (row + (columns[x] as number)) * 3;
        batch[at++] = table[data.pixels[pixel] as number] as number;
        batch[at++] = table[256 + (data.pixels[pixel + 1] as number)] as number;
        batch[at++] = table[512 + (data.pixels[pixel + 2] as number)] as number;
      }
    }
    if (augmented !== null && augmented.by.cutout > 0) {
      cutOut(batch.subarray(at - height * width * 3, at), height, width, augmented.by.cutout, augmented.source);
    }
  }
  return batch;
}

/** Place `at` reflected into 0 … size − 1, the edge itself not repeated. */
function mirrored(at: number, size: number): number {
  if (at < 0) return -at;
  return at >= size ? 2 * (size - 1) - at : at;
}

/** Zeroes a square of one normalised frame [height, width, 3]; what lies beyond the frame is cut off it. */
function cutOut(frame: Float32Array, height: number, width: number, side: number, source: Random): void {
  const top = source.below(height) - (side >> 1);
  const left = source.below(width) - (side >> 1);
  const [from, to] = [Math.max(0, left), Math.min(width, left + side)];
  for (let y = Math.max(0, top); y < Math.min(height, top + side); y++)
    frame.fill(0, (y * width + from) * 3, (y * width + to) * 3);
}
