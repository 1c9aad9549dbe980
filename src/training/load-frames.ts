// Brings the frames to train or to measure on into memory: from a data set on disk, or drawn on the spot (`glyphs:COUNT`).
import { DEFAULT_MAX_BYTES, DEFAULT_MAX_PIXELS, decodeImage } from '../adapters/codec/decode-image.ts';
import { AnytimeError } from '../errors.ts';
import { type LoadedDataSet, loadDataSet } from './data-set/load-data-set.ts';
import type { FrameSet } from './frames.ts';
import { GLYPH_CLASSES } from './glyphs/classes.ts';
import type { Split } from './glyphs/fonts.ts';
import { glyphFiles } from './glyphs/generate.ts';

export interface LoadFramesOptions {
  readonly size: { readonly height: number; readonly width: number };
  /** The class order to use, a model's for example. Default: the data's own. */
  readonly classes?: readonly string[];
  /** Take only the first so many; folders and drawn frames hand their classes out in turn, tars as they were packed. */
  readonly limit?: number | undefined;
  /** Seed of drawn frames. */
  readonly seed: number;
  /** Draw with the test fonts, which no training sees: with the same seed the training fonts would give the same frames again. */
  readonly isTest?: boolean;
  /** Told of a data set on disk before it is used; may throw. */
  readonly check?: (loaded: LoadedDataSet) => void;
  readonly progress?: (done: number, all: number | null) => void;
}

const FONTS_OF = {
  train: 'the training fonts',
  wide: 'the many training fonts',
  test: 'the test fonts',
} as const satisfies Record<Split, string>;

const DRAWN = /^glyphs(-wide)?:(\d+)$/;

/**
 * `data`: folder with a folder of images per class, tar shards, `glyphs:COUNT`, or (not to test on) `glyphs-wide:COUNT`. Errors: bad-data-set.
 */
export async function loadFrames(data: string, options: LoadFramesOptions): Promise<FrameSet> {
  const [isDrawn, isWide, drawn] = DRAWN.exec(data) ?? [];
  if (isWide !== undefined && options.isTest)
    throw new AnytimeError(
      'bad-data-set',
      `Expected frames to test on to be drawn with the test fonts, glyphs:${drawn}, got ${data}: those are fonts to train on`,
    );
  const split = options.isTest ? 'test' : isWide === undefined ? 'train' : 'wide';
  if (isDrawn !== undefined) return drawGlyphs(Number(drawn), split, options);
  const { height, width } = options.size;
  const loaded = await loadDataSet(data, {
    size: options.size,
    ...(options.classes === undefined ? {} : { classes: options.classes }),
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    ...(options.progress === undefined ? {} : { onProgress: options.progress }),
  });
  options.check?.(loaded);
  const { classes, images: pixels, labels } = loaded;
  return { name: data, classes, height, width, pixels, labels };
}

/** Frames of the fonts of a split, through JPEG as in the test shard, so that training sees what serving will. */
async function drawGlyphs(
  wanted: number,
  split: Split,
  { size: { height, width }, seed, progress, limit = wanted }: LoadFramesOptions,
): Promise<FrameSet> {
  const count = Math.min(wanted, limit);
  if (count < GLYPH_CLASSES.length) {
    throw new AnytimeError(
      'bad-data-set',
      `Expected at least ${GLYPH_CLASSES.length} glyph frames, one of each class, got ${count}`,
    );
  }
  const pixels = new Uint8Array(count * height * width * 3);
  const labels = new Uint16Array(count);
  const limits = { width, height, maxPixels: DEFAULT_MAX_PIXELS, maxBytes: DEFAULT_MAX_BYTES };
  for await (const { index, label, jpeg } of glyphFiles({ count, seed, split })) {
    pixels.set(await decodeImage(jpeg, limits), index * height * width * 3);
    labels[index] = GLYPH_CLASSES.indexOf(label);
    progress?.(index + 1, count);
  }
  return {
    name: `glyphs, ${count} frames of ${FONTS_OF[split]}`,
    classes: GLYPH_CLASSES,
    height,
    width,
    pixels,
    labels,
  };
}
