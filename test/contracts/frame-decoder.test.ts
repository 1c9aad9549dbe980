// The FrameDecoder contract, for the fake, for sharp, and for sharp behind its queue.
import sharp from 'sharp';
import { queued } from '../../src/adapters/codec/decode-queue.ts';
import { createSharpDecoder } from '../../src/adapters/codec/sharp-decoder.ts';
import { after } from '../../src/timer.ts';
import { createFakeDecoder, fakeImage } from '../fakes/fake-decoder.ts';
import { frameDecoderContract, LIMITS } from './frame-decoder.ts';

const encode = (format: 'png' | 'webp' | 'tiff' | 'gif') => {
  return async (width: number, height: number, [r, g, b]: readonly [number, number, number]) => {
    const image = sharp({ create: { width, height, channels: 3, background: { r, g, b } } });
    return await image.toFormat(format, { lossless: true, compression: 'lzw' }).toBuffer();
  };
};

frameDecoderContract('the fake', {
  create: () => createFakeDecoder(LIMITS),
  encode: async (width, height, colour) => fakeImage(width, height, colour),
});
for (const format of ['png', 'webp', 'tiff', 'gif'] as const) {
  frameDecoderContract(`sharp with ${format}`, { create: () => createSharpDecoder(LIMITS), encode: encode(format) });
}
frameDecoderContract('sharp behind a queue of two', {
  create: () =>
    queued(createSharpDecoder(LIMITS), {
      ...{ places: 2, overtimeAfterMs: 500, mostOvertime: () => 1 },
      after,
    }),
  encode: encode('png'),
});
