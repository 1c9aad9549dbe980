import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { imageFormat } from '../../../../src/adapters/codec/image-format.ts';

const image = sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } });

describe('imageFormat', () => {
  it.each(['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const)('knows %s', async (format) => {
    expect(imageFormat(await image.clone().toFormat(format).toBuffer())).toBe(format);
  });

  it('knows big-endian TIFF and AVIF sequences', () => {
    expect(imageFormat(Buffer.from('MM\0*\0\0\0\b', 'latin1'))).toBe('tiff');
    expect(imageFormat(Buffer.from('\0\0\0\x18ftypmsf1\0\0\0\0avismiaf', 'latin1'))).toBe('avif');
  });

  it.each([
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['XML', '<?xml version="1.0"?><svg/>'],
    ['PDF', '%PDF-1.7\n'],
    ['HEIC', '\0\0\0\x18ftypheic\0\0\0\0mif1heic'],
    ['MP4', '\0\0\0\x18ftypisom\0\0\0\0isomavc1'],
    ['a sound in RIFF', 'RIFF\x24\0\0\0WAVEfmt '],
    ['BMP', 'BM\x36\0\0\0'],
    ['JPEG cut to two bytes', '\xff\xd8'],
    ['nothing', ''],
    ['an ftyp box without brands', '\0\0\0\x08ftyp'],
    ['an ftyp box that claims no length', '\0\0\0\0ftypavif'],
  ])('does not take %s', (_, bytes) => {
    expect(imageFormat(Buffer.from(bytes, 'latin1'))).toBeNull();
  });

  it('answers for any bytes, at any offset in a larger buffer', () => {
    const magic = fc.constantFrom('', '\xff\xd8\xff', 'RIFF', '\0\0\0\x20ftyp', '\xff\xff\xff\xffftyp');
    fc.assert(
      fc.property(magic, fc.uint8Array({ maxLength: 64 }), fc.nat(9), (head, tail, offset) => {
        const bytes = Buffer.concat([Buffer.from(head, 'latin1'), tail]);
        const shifted = Buffer.concat([Buffer.alloc(offset, 7), bytes]).subarray(offset);
        expect(imageFormat(shifted)).toBe(imageFormat(bytes));
      }),
    );
  });
});
