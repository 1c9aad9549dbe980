// FrameDecoder on sharp (libvips): images of any accepted format, and raw pixels, to the model's input.
import { AnytimeError } from '../../errors.ts';
import type { FrameDecoder, FrameFormat, Pixels } from '../../ports.ts';
import { checkBytes, type DecodeLimits, decodeImage, resizePixels } from './decode-image.ts';

/**
 * Runs each decode at once on the libuv pool; `queued` (decode-queue.ts) bounds how many and puts them in order.
 * Raw pixels must be exactly width × height × 3 bytes, and are resized like images. The answer never shares memory with
 * the record's value.
 */
export function createSharpDecoder(limits: DecodeLimits): FrameDecoder {
  return {
    decode: async (bytes, format) =>
      format.kind === 'image' ? await decodeImage(bytes, limits) : await decodeRaw(bytes, format, limits),
  };
}

type RawFormat = Extract<FrameFormat, { kind: 'rgb24' }>;

async function decodeRaw(bytes: Uint8Array, { width, height }: RawFormat, limits: DecodeLimits): Promise<Pixels> {
  checkBytes(bytes, limits.maxBytes);
  if (width * height > limits.maxPixels) {
    throw new AnytimeError(
      'image-too-large',
      `Expected at most ${limits.maxPixels} raw pixels, got ${width} × ${height}`,
    );
  }
  if (bytes.length !== width * height * 3) {
    throw new AnytimeError(
      'bad-image',
      `Expected ${width * height * 3} bytes of raw RGB (${width} × ${height} × 3), got ${bytes.length}`,
    );
  }
  if (width === limits.width && height === limits.height) return new Uint8Array(bytes);
  return await resizePixels(bytes, { width, height }, limits);
}
