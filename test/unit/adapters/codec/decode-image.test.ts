import sharp, { type Color } from 'sharp';
import { describe, expect, it } from 'vitest';
import { type DecodeLimits, decodeImage } from '../../../../src/adapters/codec/decode-image.ts';
import { hugePng } from '../../../helpers/huge-png.ts';

const LIMITS = { width: 32, height: 32, maxPixels: 50_000_000, maxBytes: 1_000_000 };
const decode = (bytes: Uint8Array, limits: DecodeLimits = LIMITS) => decodeImage(bytes, limits);
const plain = (background: Color, side = 40) =>
  sharp({ create: { width: side, height: side, channels: 3, background } });
/** Different at every pixel, the same in every run. */
const pattern = (side: number, channels: 3 | 4 = 3) =>
  sharp(
    Uint8Array.from({ length: side * side * channels }, (_, i) => (i * 7919 + (i >> 5) * 31) % 256),
    {
      raw: { width: side, height: side, channels },
    },
  );
/** Expect every pixel to be this colour, give or take a rounding of the colour conversion. */
function expectAll(pixels: Uint8Array, [r, g, b]: readonly [number, number, number], tolerance: number): void {
  expect(pixels).toHaveLength(32 * 32 * 3);
  pixels.forEach((value, i) => {
    expect(Math.abs(value - ([r, g, b][i % 3] ?? 0))).toBeLessThanOrEqual(tolerance);
  });
}

describe('decodeImage', () => {
  it('keeps the pixels of an image that has the size already', async () => {
    const pixels = await pattern(32).raw().toBuffer();
    expect(Buffer.from(await decode(await pattern(32).png().toBuffer()))).toEqual(pixels);
    const jpeg = await pattern(32).jpeg().toBuffer();
    expect(Buffer.from(await decode(jpeg))).toEqual(await sharp(jpeg).raw().toBuffer());
  });

  it('fills the input whatever the shape: nothing is cut off, nothing is added', async () => {
    const left = await plain('red', 100).png().toBuffer();
    const wide = await sharp({ create: { width: 200, height: 100, channels: 3, background: 'blue' } })
      .composite([{ input: left, left: 0, top: 0 }])
      .png()
      .toBuffer();
    const pixels = await decode(wide);
    expect([...pixels.subarray(0, 3)]).toEqual([255, 0, 0]);
    expect([...pixels.subarray(31 * 3, 32 * 3)]).toEqual([0, 0, 255]);
  });

  it.each(['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const)('decodes %s', async (format) => {
    expectAll(await decode(await plain({ r: 120, g: 60, b: 30 }).toFormat(format).toBuffer()), [120, 60, 30], 6); // lossy formats
  });

  it('turns grey, 16-bit grey, 16-bit colour and CMYK into RGB of 8 bits', async () => {
    const grey = plain({ r: 100, g: 100, b: 100 });
    expectAll(await decode(await grey.clone().toColourspace('b-w').png().toBuffer()), [100, 100, 100], 0);
    expectAll(await decode(await grey.clone().toColourspace('grey16').png().toBuffer()), [100, 100, 100], 1);
    const colour = plain({ r: 128, g: 64, b: 32 });
    const wide = await colour.clone().toColourspace('rgb16').png().toBuffer();
    expect((await sharp(wide).metadata()).depth).toBe('ushort');
    expectAll(await decode(wide), [128, 64, 32], 1);
    const cmyk = await colour.clone().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
    expectAll(await decode(cmyk), [128, 64, 32], 40); // print colours lose saturation
  });

  it('lays transparency on white', async () => {
    const clear = sharp({ create: { width: 9, height: 9, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } } });
    expectAll(await decode(await clear.png().toBuffer()), [255, 255, 255], 0);
  });

  it('applies the orientation in EXIF', async () => {
    const top = await sharp({ create: { width: 64, height: 32, channels: 3, background: 'white' } })
      .png()
      .toBuffer();
    const upright = plain('black', 64).composite([{ input: top, left: 0, top: 0 }]);
    const turned = await sharp(await upright.png().toBuffer())
      .withMetadata({ orientation: 3 })
      .jpeg()
      .toBuffer();
    const pixels = await decode(turned);
    expect(pixels[0]).toBeLessThan(10);
    expect(pixels.at(-1)).toBeGreaterThan(245);
  });

  it('takes the first frame of an animation', async () => {
    const frames = await Promise.all(['red', 'blue'].map((colour) => plain(colour, 8).png().toBuffer()));
    const animation = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    expect((await sharp(animation).metadata()).pages).toBe(2);
    expectAll(await decode(animation), [255, 0, 0], 0);
  });

  it('refuses 40,000 × 40,000 pixels in a hundred bytes by the header alone', async () => {
    const png = hugePng(40_000, 40_000);
    expect(png.length).toBeLessThan(100);
    await expect(decode(png)).rejects.toMatchObject({ code: 'image-too-large' });
    const gif = Buffer.from(
      'GIF89a\x40\x9c\x40\x9c\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x40\x9c\x40\x9c\0\x02\x02D\x01\0;',
      'latin1',
    );
    await expect(decode(gif)).rejects.toMatchObject({ code: expect.stringMatching(/image-too-large|bad-image/) });
  });

  it('takes fewer pixels of AVIF, which decodes slowly', async () => {
    const avif = Buffer.from(await plain('red').avif().toBuffer());
    const size = avif.indexOf('ispe'); // box: type, version and flags, width, height
    avif.writeUInt32BE(5000, size + 8);
    avif.writeUInt32BE(4000, size + 12);
    await expect(decode(avif)).rejects.toMatchObject({
      code: 'image-too-large',
      message: expect.stringContaining('12600000 pixels'),
    });
  });

  it.each(['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const)('refuses truncated %s', async (format) => {
    const whole = await pattern(100).toFormat(format).toBuffer();
    for (const share of [0.1, 0.5, 0.9]) {
      const cut = whole.subarray(0, Math.floor(whole.length * share));
      await expect(decode(cut), `${format} cut to ${share}`).rejects.toMatchObject({ code: 'bad-image' });
    }
  });

  it('refuses damage that hides behind the right magic bytes', async () => {
    for (const magic of [
      '\xff\xd8\xff\xe0',
      '\x89PNG\r\n\x1a\n',
      'GIF89a',
      'II*\0',
      'RIFF\x10\0\0\0WEBP',
      '\0\0\0\x10ftypavif',
    ]) {
      const bytes = Buffer.concat([Buffer.from(magic, 'latin1'), Buffer.from('<svg width="9" height="9"/>')]);
      await expect(decode(bytes)).rejects.toMatchObject({ code: 'bad-image', retriable: false });
    }
  });

  it('takes any time limit from 1 ms up: the image library counts in whole seconds, up to an hour', async () => {
    const image = await pattern(40).png().toBuffer();
    for (const maxMs of [1, 1500, 15_000, 1e9])
      expect(await decode(image, { ...LIMITS, maxMs })).toHaveLength(32 * 32 * 3);
  });

  it('says what was expected and what came', async () => {
    await expect(decode(Buffer.from('hello'))).rejects.toThrow(
      'Expected JPEG, PNG, WebP, AVIF, TIFF or GIF, got 5 bytes that begin 0x68656c6c6f',
    );
    await expect(decode(new Uint8Array())).rejects.toThrow('Expected an image, got an empty value');
  });
});
