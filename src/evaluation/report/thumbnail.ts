// A frame of the set as a small PNG inside the document.
import sharp from 'sharp';
import type { LabelledFrames } from '../exit-answers.ts';

/** Pixels: larger frames are made smaller, so that a document's size is bounded. */
export const THUMBNAIL_SIDE = 64;

/** `data:image/png;base64,…` of frame number `frame`. */
export async function thumbnail({ pixels, height, width }: LabelledFrames, frame: number): Promise<string> {
  const size = height * width * 3;
  const raw = pixels.subarray(frame * size, (frame + 1) * size);
  const png = await sharp(raw, { raw: { width, height, channels: 3 } })
    .resize({ width: THUMBNAIL_SIDE, height: THUMBNAIL_SIDE, fit: 'inside', withoutEnlargement: true })
    .png({ compressionLevel: 9 })
    .toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}
