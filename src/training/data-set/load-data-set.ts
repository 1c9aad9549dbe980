// Reads a whole labelled data set into memory as pixels and class numbers: what training and evaluation start from.
import { DEFAULT_MAX_BYTES, DEFAULT_MAX_PIXELS, decodeImage } from '../../adapters/codec/decode-image.ts';
import { AnytimeError, messageOf } from '../../errors.ts';
import { byName, classOf, type LabelledFrame, type LeftOut } from './frame.ts';
import { openDataSet } from './open-data-set.ts';
import { PixelBlock } from './pixel-block.ts';

export interface LoadedDataSet {
  /** N × height × width × 3, RGB, in the data set's order. */
  readonly images: Uint8Array;
  /** N class numbers: indices into `classes`. */
  readonly labels: Uint16Array;
  readonly classes: readonly string[];
  /** N paths, for reports about single images. */
  readonly paths: readonly string[];
  /** Images left out because they cannot be read or decoded. */
  readonly skipped: readonly LeftOut[];
  /** What lies among the images and is none. */
  readonly ignored: readonly LeftOut[];
}

export interface LoadOptions {
  readonly size: { readonly width: number; readonly height: number };
  /** The class order to use, a model's for example; every label must be one of them. Default: the set's own names, sorted. */
  readonly classes?: readonly string[];
  /** Take only the first so many frames, for trials; the beginning of a folder is as mixed as the whole. The classes are those of the whole. */
  readonly limit?: number;
  /** Called after every frame read; `of` is null when the set does not know its size. */
  readonly onProgress?: (done: number, of: number | null) => void;
}

type Kept = Pick<LabelledFrame, 'isIndexAllowed' | 'path'> & { readonly label: string };

/** Decodes running at once: enough to keep the four threads of the libuv pool fed, few enough to bound memory. */
const LANES = 16;

/**
 * Same decode as serving. Errors: bad-data-set when there are no images, no labels, fewer than two classes, or a label
 * outside `classes`. Images that cannot be decoded are skipped and listed.
 */
export async function loadDataSet(path: string, options: LoadOptions): Promise<LoadedDataSet> {
  const { width, height } = options.size;
  const limits = { width, height, maxPixels: DEFAULT_MAX_PIXELS, maxBytes: DEFAULT_MAX_BYTES };
  const set = await openDataSet(path);
  const limit = options.limit ?? Number.POSITIVE_INFINITY;
  const block = new PixelBlock(width * height * 3, Math.min(set.count ?? 256, limit));
  const kept: (Kept | null)[] = [];
  const skipped: LeftOut[] = [];
  let taken = 0;
  const frames = set.frames((leftOut) => taken < limit && skipped.push(leftOut)); // what lies beyond is no business of this load
  const expected = set.count === null ? null : Math.min(set.count, limit);
  const knownClasses = options.classes ?? set.classes;
  const beyond = new Set<string>(); // labels behind the limit: a tar tells its classes by its last frame
  let done = 0;
  const lane = async () => {
    // next() calls queue up inside the generator, so lanes share it and numbers follow the set's order
    for (let step = await frames.next(); !step.done; step = await frames.next()) {
      const frame = step.value;
      if (taken >= limit && knownClasses !== null) break;
      if (frame.label === null) throw unlabelled(path, frame.path);
      if (taken >= limit) {
        beyond.add(frame.label);
        continue;
      }
      const slot = taken++;
      kept[slot] = null;
      try {
        block.put(slot, await decodeImage(frame.bytes, limits));
        kept[slot] = { label: frame.label, isIndexAllowed: frame.isIndexAllowed, path: frame.path };
      } catch (error) {
        skipped.push({ path: frame.path, reason: messageOf(error) });
      }
      options.onProgress?.(++done, expected);
    }
  };
  try {
    await Promise.all(Array.from({ length: LANES }, lane));
  } finally {
    await frames.return();
  }
  const good = kept.flatMap((entry) => (entry === null ? [] : [entry]));
  const classes = knownClasses ?? [...new Set([...good.map(({ label }) => label), ...beyond])].sort(byName);
  if (good.length === 0) {
    const why =
      skipped[0] === undefined ? '' : ` (${skipped.length} skipped; ${skipped[0].path}: ${skipped[0].reason})`;
    throw new AnytimeError('bad-data-set', `Expected labelled images in ${path}, got none${why}`);
  }
  if (classes.length < 2) {
    throw new AnytimeError('bad-data-set', `Expected at least two classes in ${path}, got only "${classes.join()}"`);
  }
  return {
    images: block.compact(kept.map((entry) => entry !== null)),
    labels: Uint16Array.from(good, (entry) => classNumber(entry, classes)),
    classes,
    paths: good.map((entry) => entry.path),
    skipped: skipped.sort((a, b) => byName(a.path, b.path)),
    ignored: set.ignored,
  };
}

/** Errors: bad-data-set for a label that is no class. */
function classNumber(frame: Kept, classes: readonly string[]): number {
  const number = classOf(frame, classes);
  if (number !== null) return number;
  const known = classes.length > 12 ? `${classes.slice(0, 12).join(', ')} …` : classes.join(', ');
  throw new AnytimeError('bad-data-set', `Expected ${frame.path} to be one of ${known}; got "${frame.label}"`);
}

function unlabelled(path: string, image: string): AnytimeError {
  return new AnytimeError(
    'bad-data-set',
    `Expected a labelled data set (a folder of images per class, or a tar with labels) at ${path}, got no label for ${image}`,
  );
}
