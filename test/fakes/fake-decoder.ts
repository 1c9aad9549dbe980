// A FrameDecoder without a codec: its images are "FAKE", width, height (16 bits each), a colour, and that many bytes of padding
// as the file says, so that truncation shows. Raw pixels are resized by nearest neighbour.
import type { DecodeLimits } from '../../src/adapters/codec/decode-image.ts';
import { AnytimeError } from '../../src/errors.ts';
import type { FrameDecoder } from '../../src/ports.ts';

const HEADER_BYTES = 11;

export function fakeImage(width: number, height: number, colour: readonly [number, number, number]): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES + 8);
  bytes.write('FAKE', 0);
  bytes.writeUInt16BE(width, 4);
  bytes.writeUInt16BE(height, 6);
  bytes.set(colour, 8);
  return bytes;
}

export function createFakeDecoder(limits: DecodeLimits): FrameDecoder {
  return {
    async decode(value, format) {
      const bytes = Buffer.from(value);
      if (bytes.length > limits.maxBytes) throw tooLarge(`Expected ${limits.maxBytes} bytes, got ${bytes.length}`);
      if (format.kind === 'image') {
        if (bytes.length !== HEADER_BYTES + 8 || bytes.toString('latin1', 0, 4) !== 'FAKE') {
          throw new AnytimeError('bad-image', `Expected a fake image, got ${bytes.length} bytes`);
        }
        checkPixels(bytes.readUInt16BE(4), bytes.readUInt16BE(6), limits);
        return Uint8Array.from({ length: limits.width * limits.height * 3 }, (_, i) => bytes[8 + (i % 3)] ?? 0);
      }
      const { width, height } = format;
      checkPixels(width, height, limits);
      if (bytes.length !== width * height * 3) {
        throw new AnytimeError('bad-image', `Expected ${width * height * 3} bytes, got ${bytes.length}`);
      }
      return Uint8Array.from({ length: limits.width * limits.height * 3 }, (_, i) => {
        const pixel = Math.floor(i / 3);
        const x = Math.floor(((pixel % limits.width) * width) / limits.width);
        const y = Math.floor((Math.floor(pixel / limits.width) * height) / limits.height);
        return bytes[(y * width + x) * 3 + (i % 3)] ?? 0;
      });
    },
  };
}

function checkPixels(width: number, height: number, { maxPixels }: DecodeLimits): void {
  if (width * height > maxPixels) throw tooLarge(`Expected ${maxPixels} pixels, got ${width} × ${height}`);
}

const tooLarge = (message: string) => new AnytimeError('image-too-large', message);
