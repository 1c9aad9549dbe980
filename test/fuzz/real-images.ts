// What mutations begin with: images of a data set, small ones made of every frame format and many of their kinds, and some that claim to be huge.
import sharp from 'sharp';
import { openDataSet } from '../../src/training/data-set/open-data-set.ts';
import { hugePng } from '../helpers/huge-png.ts';
import { randomNumbers } from '../helpers/random-bundle.ts';

/** So many of the data set: as many as are made, about. */
const MOST_FROM_SET = 16;

/** The same in every run on one data set (folder or tar). Errors: bad-data-set. */
export async function realImages(path: string): Promise<Buffer[]> {
  const random = randomNumbers(7);
  const pixels = (side: number, channels: 3 | 4) =>
    sharp(
      Uint8Array.from({ length: side * side * channels }, () => random() * 256),
      {
        raw: { width: side, height: side, channels },
      },
    );
  const [rgb, rgba] = [pixels(24, 3), pixels(16, 4)];
  const made = [
    rgb.clone().jpeg(),
    rgb.clone().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
    rgb
      .clone()
      .withExif({ IFD0: { Orientation: '6' } })
      .jpeg(),
    rgb.clone().toColourspace('cmyk').jpeg(),
    rgb.clone().png(),
    rgba.clone().png({ palette: true }),
    rgb.clone().toColourspace('rgb16').png({ progressive: true }),
    rgb.clone().webp(),
    rgba.clone().webp({ lossless: true }),
    rgba.clone().gif(),
    rgb.clone().tiff({ compression: 'deflate' }),
    rgb.clone().tiff({ compression: 'none', tile: true, tileWidth: 16, tileHeight: 16 }),
    rgb.clone().avif({ effort: 0 }),
  ];
  const images = await Promise.all(made.map((image) => image.toBuffer()));
  return [
    ...(await firstOf(path)),
    ...images,
    hugePng(40_000, 40_000),
    hugePng(0x7fffffff, 1),
    hugePng(7000, 7000),
    ...huge(images),
  ];
}

async function firstOf(path: string): Promise<Buffer[]> {
  const images: Buffer[] = [];
  for await (const { bytes } of (await openDataSet(path)).frames()) {
    if (images.length === MOST_FROM_SET) break;
    images.push(Buffer.from(bytes));
  }
  return images;
}

/** The JPEG, GIF and lossy WebP with sizes in their headers that their data cannot fill. */
function huge(images: readonly Buffer[]): Buffer[] {
  const [jpeg, webp, gif] = [images[0], images[7], images[9]].map((image) => Buffer.from(image ?? []));
  if (!jpeg || !webp || !gif) return [];
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0])); // SOF0: marker, length, precision, height, width
  jpeg.writeUInt16BE(0xffff, frame + 5);
  jpeg.writeUInt16BE(700, frame + 7);
  gif.writeUInt16LE(0xffff, 6);
  gif.writeUInt16LE(0xffff, 8);
  webp.writeUInt16LE(0x3fff, 26);
  webp.writeUInt16LE(0x3fff, 28);
  return [jpeg, webp, gif];
}
