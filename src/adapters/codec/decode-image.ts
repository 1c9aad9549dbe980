// Encoded image → RGB pixels in the size a model takes. The one code path of training, evaluation and serving, so that
// all three see the same pixels.
import sharp, { type Metadata } from 'sharp';
import { AnytimeError, messageOf } from '../../errors.ts';
import type { Pixels } from '../../ports.ts';
import { heldWhole, MOST_PIXEL_BYTES } from './held-whole.ts';
import { IMAGE_FORMATS, imageFormat } from './image-format.ts';

/** Size of the pixels wanted, and what an image may cost at most. */
export interface DecodeLimits {
  readonly width: number;
  readonly height: number;
  /** Most pixels of the encoded image, width × height, by its header: a small file can hold a huge image. */
  readonly maxPixels: number;
  /** Most bytes of the encoded image (or of raw pixels). */
  readonly maxBytes: number;
  /**
   * libvips gives a decode up after this, ms, rounded up to whole seconds: it looks at the time between pieces of an image, and where a
   * format comes in one piece not at all (decode-limit.ts does). Default 15 s.
   */
  readonly maxMs?: number;
}

/** Limits for images of any camera: 50 megapixels, 32 MB. */
export const DEFAULT_MAX_PIXELS = 50_000_000;
export const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;

/**
 * An AVIF pixel takes 3 to 20 times as long as another, 50 million of them, in 80 kB, would hold a thread for seconds; and up to 19 bytes
 * (measured), so that an image takes at most 240 MB.
 */
const MAX_AVIF_PIXELS = 12_600_000;
/** An image whose format is not decoded in pieces may take so much memory, by its header: blank ones of a few kB take the most. */
export const MAX_WHOLE_BYTES = 128_000_000;
/** Of so few pixels none does. */
const UNQUESTIONED_PIXELS = MAX_WHOLE_BYTES / MOST_PIXEL_BYTES;
const DEFAULT_MAX_MS = 15_000;
/** sharp takes no more. */
const LONGEST_S = 3600;

// Frames differ, so a cache of decoded files only holds memory; and the parallelism is across frames (the caller runs
// several decodes at once on the libuv pool), so more threads within one small frame only add switching.
sharp.cache(false);
sharp.concurrency(1);

/**
 * Decode off the event loop (libuv pool). First page or frame only, EXIF orientation applied, grey, CMYK and 16-bit turned
 * into 8-bit sRGB, transparency laid on white (what lies under it is arbitrary). Resized with `fill`: the whole frame
 * counts and the network takes one size; cropping could lose the object, padding adds borders that training never had.
 * Large JPEG and WebP files are shrunk while they load. An image that has the size already keeps its pixels.
 * Errors: bad-image (no image, unknown format, truncated), image-too-large.
 */
export async function decodeImage(bytes: Uint8Array, limits: DecodeLimits): Promise<Pixels> {
  const { width, height, maxMs = DEFAULT_MAX_MS } = limits;
  checkBytes(bytes, limits.maxBytes);
  const format = imageFormat(bytes);
  const maxPixels = format === 'avif' ? Math.min(limits.maxPixels, MAX_AVIF_PIXELS) : limits.maxPixels;
  if (format === null) {
    throw new AnytimeError(
      'bad-image',
      `Expected ${IMAGE_FORMATS}, got ${bytes.length} bytes that begin ${hex(bytes)}`,
    );
  }
  try {
    if (maxPixels <= UNQUESTIONED_PIXELS) return await decodeWithin(maxPixels);
    return await decodeWithin(UNQUESTIONED_PIXELS).catch(async (error) => {
      if (!isTooLarge(error)) throw error;
      checkHeldWhole(await sharp(bytes, { limitInputPixels: maxPixels }).metadata());
      return await decodeWithin(maxPixels);
    });
  } catch (cause) {
    if (cause instanceof AnytimeError) throw cause;
    if (isTooLarge(cause)) {
      const message = `Expected an image of at most ${maxPixels} pixels, got more (${format})`;
      throw new AnytimeError('image-too-large', message, { cause });
    }
    const why = messageOf(cause).trim().split('\n')[0];
    throw new AnytimeError('bad-image', `Expected a whole ${format} image, got ${bytes.length} bytes: ${why}`, {
      cause,
    });
  }

  async function decodeWithin(limitInputPixels: number): Promise<Pixels> {
    // Truncated files are refused: half a picture would get an answer as sure as a whole one. Mere warnings pass.
    const image = sharp(bytes, { failOn: 'truncated', limitInputPixels, pages: 1, sequentialRead: true });
    return plain(
      await image
        .timeout({ seconds: Math.min(LONGEST_S, Math.ceil(maxMs / 1000)) })
        .autoOrient()
        .resize(width, height, { fit: 'fill' })
        .flatten({ background: 'white' })
        .toColourspace('srgb')
        .raw({ depth: 'uchar' })
        .toBuffer(),
    );
  }
}

const isTooLarge = (error: unknown) => messageOf(error).includes('exceeds pixel limit');

/** Errors: image-too-large. */
function checkHeldWhole(image: Metadata): void {
  const bytes = heldWhole(image);
  if (bytes <= MAX_WHOLE_BYTES) return;
  const what = `${bytes} (${image.isProgressive ? 'progressive ' : ''}${image.format}, ${image.width} × ${image.height})`;
  throw new AnytimeError(
    'image-too-large',
    `Expected an image that takes at most ${MAX_WHOLE_BYTES} bytes while it is decoded, got one that takes ${what}`,
  );
}

/** Resize raw RGB pixels the way `decodeImage` resizes images. `pixels.length` must be width × height × 3. */
export async function resizePixels(
  pixels: Uint8Array,
  from: { width: number; height: number },
  to: { width: number; height: number },
): Promise<Pixels> {
  return plain(
    await sharp(pixels, { raw: { width: from.width, height: from.height, channels: 3 } })
      .resize(to.width, to.height, { fit: 'fill' })
      .raw({ depth: 'uchar' })
      .toBuffer(),
  );
}

/** Errors: bad-image when empty, image-too-large above `maxBytes`. */
export function checkBytes(bytes: Uint8Array, maxBytes: number): void {
  if (bytes.length === 0) throw new AnytimeError('bad-image', `Expected an image, got an empty value`);
  if (bytes.length > maxBytes) {
    throw new AnytimeError('image-too-large', `Expected at most ${maxBytes} bytes of image, got ${bytes.length}`);
  }
}

const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes.subarray(0, 8)).toString('hex')}`;

/** A plain view of a Buffer: pixels compare and slice like any Uint8Array. */
const plain = (buffer: Buffer): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
