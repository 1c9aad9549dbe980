// Glyph frames in any number: the frame of (split, seed, index) is the same on every machine.
import sharp from 'sharp';
import { inOrder } from '../in-order.ts';
import { random, shuffled } from '../random.ts';
import { photograph } from './camera.ts';
import { GLYPH_CLASSES } from './classes.ts';
import { type Disturbance, drawDisturbance } from './difficulty.ts';
import type { Split } from './fonts.ts';
import { type FontOutlines, loadOutlines } from './outlines.ts';
import { GLYPH_SIDE, sceneSvg } from './scene.ts';
import { bent, boldness } from './variation.ts';

export interface GlyphFrame {
  readonly index: number;
  /** One of GLYPH_CLASSES. */
  readonly label: string;
  readonly font: string;
  readonly disturbance: Disturbance;
  /** 32 × 32 × 3, RGB. */
  readonly pixels: Uint8Array;
}

export interface GlyphOptions {
  /** Frames to draw. */
  readonly count: number;
  readonly seed: number;
  readonly split: Split;
}

/** Frames being drawn at once: the SVG is rasterised on the libuv pool. */
const AHEAD = 16;

/** Draw frames 0 … count − 1 in order. Every run of 32 frames has each class once. Errors: bad-data-set (fonts missing). */
export async function* glyphFrames(options: GlyphOptions): AsyncGenerator<GlyphFrame, void, undefined> {
  const fonts = await loadOutlines(options.split);
  yield* inOrder(options.count, AHEAD, (index) => drawFrame(fonts, options, index));
}

/** The same frames as JPEG files. */
export async function* glyphFiles(
  options: GlyphOptions,
): AsyncGenerator<GlyphFrame & { readonly jpeg: Buffer }, void, undefined> {
  const fonts = await loadOutlines(options.split);
  yield* inOrder(options.count, AHEAD, async (index) => {
    const frame = await drawFrame(fonts, options, index);
    return { ...frame, jpeg: await encodeFrame(frame.pixels) };
  });
}

async function drawFrame(
  fonts: readonly FontOutlines[],
  { split, seed }: GlyphOptions,
  index: number,
): Promise<GlyphFrame> {
  const source = random(seed, 'glyphs', split, index);
  const classNumber = classOf(split, seed, index);
  const font = fonts[source.below(fonts.length)] as FontOutlines;
  const outline = font.outlines[classNumber] as FontOutlines['outlines'][number];
  const disturbance = drawDisturbance(source);
  const shape =
    split === 'wide' ? { outline: bent(outline, source), boldness: boldness(source) } : { outline, boldness: 0 };
  const svg = sceneSvg(shape, fonts, disturbance, source);
  const scene = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
  const pixels = photograph(scene, disturbance, source);
  return { index, label: GLYPH_CLASSES[classNumber] as string, font: font.name, disturbance, pixels };
}

/** Each block of 32 frames is a permutation of the classes of its own. */
function classOf(split: Split, seed: number, index: number): number {
  const classes = GLYPH_CLASSES.length;
  const block = Math.floor(index / classes);
  return shuffled(classes, random(seed, 'glyph-classes', split, block))[index % classes] as number;
}

/** A frame as a JPEG file, about 650 bytes: 4:2:0 as cameras make it, Huffman tables of its own to keep shards small. */
async function encodeFrame(pixels: Uint8Array): Promise<Buffer> {
  return await sharp(pixels, { raw: { width: GLYPH_SIDE, height: GLYPH_SIDE, channels: 3 } })
    .jpeg({ quality: 80, chromaSubsampling: '4:2:0', optimiseCoding: true })
    .toBuffer();
}
