// What every FrameDecoder keeps to. Called once per implementation with a way to make images that it understands.
import { describe, expect, it } from 'vitest';
import { AnytimeError, type ErrorCode } from '../../src/errors.ts';
import type { FrameDecoder } from '../../src/ports.ts';

export interface DecoderUnderTest {
  /** A decoder to 8 × 6 pixels (width × height) that takes at most 10,000 pixels and 5,000 bytes. */
  readonly create: () => FrameDecoder;
  /** An encoded image of one colour. */
  readonly encode: (width: number, height: number, colour: readonly [number, number, number]) => Promise<Uint8Array>;
}

export const LIMITS = { width: 8, height: 6, maxPixels: 10_000, maxBytes: 5000 };
const PIXELS = LIMITS.width * LIMITS.height;
const image = { kind: 'image' } as const;

export function frameDecoderContract(name: string, { create, encode }: DecoderUnderTest): void {
  describe(`${name} is a FrameDecoder`, () => {
    it('decodes an image to RGB in the size of the input', async () => {
      for (const [width, height] of [
        [8, 6],
        [40, 30],
        [3, 50],
      ] as const) {
        const pixels = await create().decode(await encode(width, height, [200, 100, 50]), image, null);
        expect(pixels).toHaveLength(PIXELS * 3);
        for (let i = 0; i < PIXELS; i++) expect([...pixels.subarray(3 * i, 3 * i + 3)]).toEqual([200, 100, 50]);
      }
    });

    it('hands raw pixels of the right size through, in memory of their own', async () => {
      const raw = Uint8Array.from({ length: PIXELS * 3 }, (_, i) => i);
      const pixels = await create().decode(raw, { kind: 'rgb24', width: 8, height: 6 }, null);
      expect(pixels).toEqual(raw);
      expect(pixels.buffer).not.toBe(raw.buffer);
    });

    it('resizes raw pixels of another size', async () => {
      const pixels = await create().decode(
        new Uint8Array(20 * 20 * 3).fill(77),
        { kind: 'rgb24', width: 20, height: 20 },
        5,
      );
      expect(pixels).toEqual(new Uint8Array(PIXELS * 3).fill(77));
    });

    it('leaves the bytes it is given alone', async () => {
      const bytes = await encode(40, 30, [1, 2, 3]);
      const before = Uint8Array.from(bytes);
      await create().decode(bytes, image, null);
      expect(Uint8Array.from(bytes)).toEqual(before);
    });

    it('keeps the answers of decodes at once apart', async () => {
      const decoder = create();
      const colours = Array.from({ length: 30 }, (_, i) => [8 * i, 255 - 8 * i, i] as const);
      const images = await Promise.all(colours.map((colour) => encode(20, 20, colour)));
      const decoded = await Promise.all(images.map((bytes, i) => decoder.decode(bytes, image, 1000 - i)));
      expect(decoded.map((pixels) => [...pixels.subarray(0, 3)])).toEqual(colours);
    });

    it.each<[string, Uint8Array]>([
      ['an empty value', new Uint8Array()],
      ['a single byte', Uint8Array.of(0xff)],
      ['text', Buffer.from('no image at all')],
      ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="6"/>')],
      ['zeros', new Uint8Array(1000)],
    ])('refuses %s as bad-image', async (_, bytes) => {
      await refused(create().decode(bytes, image, null), 'bad-image', false);
    });

    it('refuses a truncated image as bad-image', async () => {
      const bytes = await encode(60, 60, [9, 99, 199]);
      await refused(
        create().decode(bytes.subarray(0, Math.floor(bytes.length * 0.6)), image, null),
        'bad-image',
        false,
      );
    });

    it('refuses more pixels than allowed as image-too-large', async () => {
      await refused(create().decode(await encode(101, 100, [0, 0, 0]), image, null), 'image-too-large', false);
      const raw = { kind: 'rgb24', width: 40_000, height: 40_000 } as const;
      await refused(create().decode(new Uint8Array(100), raw, null), 'image-too-large', false);
    });

    it('refuses more bytes than allowed as image-too-large', async () => {
      await refused(create().decode(new Uint8Array(5001), image, null), 'image-too-large', false);
    });

    it('refuses raw pixels whose number is not width × height × 3', async () => {
      for (const length of [0, PIXELS * 3 - 1, PIXELS * 3 + 1, PIXELS * 4]) {
        const wrong = create().decode(new Uint8Array(length), { kind: 'rgb24', width: 8, height: 6 }, null);
        await refused(wrong, 'bad-image', false);
      }
    });

    it('goes on after bad frames', async () => {
      const decoder = create();
      await refused(decoder.decode(new Uint8Array(3), image, null), 'bad-image', false);
      expect(await decoder.decode(await encode(8, 6, [5, 6, 7]), image, null)).toHaveLength(PIXELS * 3);
    });
  });
}

async function refused(decoding: Promise<unknown>, code: ErrorCode, retriable: boolean): Promise<void> {
  const error = await decoding.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AnytimeError);
  expect(error).toMatchObject({ code, retriable, message: expect.stringMatching(/^Expected .*got/) });
}
