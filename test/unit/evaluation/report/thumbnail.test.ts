// Thumbnails: the frame's own pixels where it is small, made smaller where it is large.
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { THUMBNAIL_SIDE, thumbnail } from '../../../../src/evaluation/report/thumbnail.ts';

const framesOf = (width: number, height: number) => ({
  name: 'two',
  width,
  height,
  pixels: Uint8Array.from({ length: 2 * width * height * 3 }, (_, i) => (i * 37) % 251),
  labels: Uint16Array.of(0, 1),
});
const decoded = (url: string) => sharp(Buffer.from(url.split(',')[1] as string, 'base64'));

it('keeps every pixel of a small frame', async () => {
  const frames = framesOf(8, 4);
  const { data, info } = await decoded(await thumbnail(frames, 1))
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ width: 8, height: 4, channels: 3 });
  expect(new Uint8Array(data)).toEqual(frames.pixels.slice(8 * 4 * 3));
});

it('fits a large frame into the side, in its shape', async () => {
  expect(await decoded(await thumbnail(framesOf(200, 100), 0)).metadata()).toMatchObject({
    width: THUMBNAIL_SIDE,
    height: THUMBNAIL_SIDE / 2,
  });
});
