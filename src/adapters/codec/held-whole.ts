// What of an image is in memory at once while it is decoded. Most formats come in pieces; of some libvips, or the library below it, must have
// the whole first. Measured by what a process grew by with 49 million pixels of each: 402 MB, 388, 289, 145, 190 and 216 MB for interlaced
// 16-bit PNG with alpha, progressive JPEG in CMYK, in full and in halved colour, WebP and GIF; 1 to 49 MB for all others.
import type { Metadata } from 'sharp';

/** JPEG coefficients are 16 bits each; so many a pixel with its colour planes halved each way, or one way. */
const COEFFICIENT_BYTES = 2;
const COEFFICIENTS: Readonly<Record<string, number>> = { '4:2:0': 1.5, '4:2:2': 2 };
/** WebP and GIF are unpacked to RGBA. */
const RGBA_BYTES = 4;
/** The most that a pixel of any of them takes: interlaced PNG of 16 bits with alpha, progressive CMYK. */
export const MOST_PIXEL_BYTES = 8;

/** Bytes that this image holds at once; 0 where it comes in pieces. */
export function heldWhole(
  image: Pick<Metadata, 'format' | 'width' | 'height' | 'channels'> & Partial<Metadata>,
): number {
  const { format, width, height, channels, isProgressive = false, depth, chromaSubsampling = '' } = image;
  return width * height * pixelBytes();

  function pixelBytes(): number {
    if (format === 'jpeg' && isProgressive) return COEFFICIENT_BYTES * (COEFFICIENTS[chromaSubsampling] ?? channels);
    if (format === 'png' && isProgressive) return channels * (depth === 'ushort' ? 2 : 1);
    return format === 'webp' || format === 'gif' ? RGBA_BYTES : 0;
  }
}
