// What an image takes while it is decoded, by its header: small files that would take hundreds of megabytes are refused, large photos are not.
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { type DecodeLimits, decodeImage, MAX_WHOLE_BYTES } from '../../../../src/adapters/codec/decode-image.ts';
import { heldWhole } from '../../../../src/adapters/codec/held-whole.ts';

const LIMITS: DecodeLimits = { width: 32, height: 32, maxPixels: 50_000_000, maxBytes: 16 * 1024 * 1024 };

const blank = (side: number, channels: 3 | 4 = 3) =>
  sharp({ create: { width: side, height: side, channels, background: 'teal' }, limitInputPixels: false });

const deepPng = (side: number, progressive: boolean) =>
  blank(side, 4).toColourspace('rgb16').png({ progressive, compressionLevel: 1 });
const jpeg = (side: number, chromaSubsampling: string) => blank(side).jpeg({ progressive: true, chromaSubsampling });
const cmyk = (side: number) =>
  blank(side).toColourspace('cmyk').jpeg({ progressive: true, chromaSubsampling: '4:4:4' });

it.each([
  ['interlaced PNG of 16 bits with alpha', deepPng(100, true), 8],
  ['PNG of 16 bits with alpha', deepPng(100, false), 0],
  ['interlaced PNG', blank(100).png({ progressive: true }), 3],
  ['progressive CMYK JPEG', cmyk(100), 8],
  ['progressive JPEG', jpeg(100, '4:4:4'), 6],
  ['progressive JPEG with colour planes halved', jpeg(100, '4:2:0'), 3],
  ['JPEG', blank(100).jpeg(), 0],
  ['WebP', blank(100).webp({ lossless: true }), 4],
  ['GIF', blank(100).gif(), 4],
  ['TIFF', blank(100).tiff(), 0],
])('%s: bytes a pixel', async (_, image, bytes) => {
  expect(heldWhole(await sharp(await image.toBuffer()).metadata())).toBe(100 * 100 * bytes);
});

it.each([
  ['interlaced PNG of 16 bits with alpha', () => deepPng(4100, true)],
  ['progressive CMYK JPEG', () => cmyk(4100)],
  ['progressive JPEG', () => jpeg(4700, '4:4:4')],
  ['WebP', () => blank(5700, 4).webp({ lossless: true, effort: 0 })],
])('%s that would take more than is allowed is refused, and told so', async (_, image) => {
  const bytes = await image().toBuffer();
  expect(bytes.length).toBeLessThan(2e6);
  await expect(decodeImage(bytes, LIMITS)).rejects.toMatchObject({
    code: 'image-too-large',
    message: expect.stringMatching(
      `at most ${MAX_WHOLE_BYTES} bytes while it is decoded, got one that takes 1[23]\\d{7} `,
    ),
  });
});

it.each([
  ['progressive JPEG of a camera', () => jpeg(5000, '4:2:0')],
  ['JPEG of 49 million pixels', () => blank(7000).jpeg()],
  ['PNG of 16 bits', () => deepPng(4100, false)],
])('%s is decoded', async (_, image) => {
  expect(await decodeImage(await image().toBuffer(), LIMITS)).toHaveLength(32 * 32 * 3);
});

it('what has more pixels than are allowed is refused for that, however few of them need no question', async () => {
  const bytes = await blank(5000).jpeg().toBuffer();
  for (const maxPixels of [24_999_999, 15_000_000])
    await expect(decodeImage(bytes, { ...LIMITS, maxPixels })).rejects.toThrow(`at most ${maxPixels} pixels`);
});
