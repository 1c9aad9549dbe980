// A labelled frame as it lies in a data set, still encoded, and the data set that hands them out.

export interface LabelledFrame {
  /** Path inside the data set, "cat/0001.jpg"; unique within it. */
  readonly id: string;
  /** Class name (or class index as text, in WebDataset shards that hold indices); null when the set says none. */
  readonly label: string | null;
  /** True where a label that is a number may be a class index: in KEY.cls and KEY.json. A folder named "3" is the class "3". */
  readonly isIndexAllowed: boolean;
  readonly bytes: Buffer;
  /** Where it came from, for people: a file, or "shard.tar:entry". */
  readonly path: string;
}

/** Something that is not used, and why. */
export interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

export interface DataSet {
  /** Class names in order, where the set tells them before its frames are read (folders do, tars do not). */
  readonly classes: readonly string[] | null;
  /** Frames in it, where known without reading it. */
  readonly count: number | null;
  /** Files and folders that lie where images are expected and are none; of tars, as far as the frames were read. Hidden files are not listed. */
  readonly ignored: readonly LeftOut[];
  /**
   * Reads the frames one by one; can be called again. `leaveOut` is told of files that cannot be read; without it they are an error.
   * Errors: bad-data-set.
   */
  frames(leaveOut?: (leftOut: LeftOut) => void): AsyncGenerator<LabelledFrame, void, undefined>;
}

/**
 * Number of the class that a label names or, where it may (WebDataset's .cls), numbers; null for another world's label. Where the classes are
 * numbers themselves, a label is a name.
 */
export function classOf(
  { label, isIndexAllowed }: Pick<LabelledFrame, 'label' | 'isIndexAllowed'>,
  classes: readonly string[],
): number | null {
  if (label === null) return null;
  const named = classes.indexOf(label);
  if (named >= 0) return named;
  if (!isIndexAllowed || !isNumber(label) || classes.every(isNumber)) return null;
  return Number(label) < classes.length ? Number(label) : null;
}

function isNumber(label: string): boolean {
  return /^\d+$/.test(label);
}

const IMAGE_NAME = /\.(jpe?g|jfif|png|webp|avif|tiff?|gif)$/i;

/** True for file names that look like an image that is decoded; hidden files are none. */
export function isImageName(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return IMAGE_NAME.test(name) && !name.startsWith('.');
}

/** Code-unit order: the same on every machine, unlike a locale's. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
