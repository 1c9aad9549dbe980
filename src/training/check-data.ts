// What is wrong with the data a training is given: told by path, bounded, and judged. Pure, but for what it reports.
import { AnytimeError } from '../errors.ts';
import type { LoadedDataSet } from './data-set/load-data-set.ts';

/** More undecodable images than this share: something is wrong with the whole, not with a few files. */
export const MOST_BAD_SHARE = 0.1;
/** So many are told one by one, then their number. */
export const MOST_TOLD = 20;

export type DataEvent =
  /** One file or class folder that is not used as it should be; `reason` says what became of it. */
  | { readonly type: 'bad-frame'; readonly path: string; readonly reason: string }
  /** After the last one told: there are `all` of them. */
  | { readonly type: 'bad-frames'; readonly told: number; readonly all: number };

type Loaded = Pick<LoadedDataSet, 'labels' | 'classes' | 'paths' | 'skipped' | 'ignored'>;

/**
 * Tell, of either kind the first, every class with a single image (which is trained on but never validated), and every image that cannot be
 * decoded, file that is no image and empty class folder. Errors: bad-data-set when a class has no image left, or more than a tenth of the images
 * cannot be decoded.
 */
export function checkData(
  name: string,
  loaded: Loaded,
  report: (event: DataEvent) => void,
  /** Frames that were asked for, where not all. */
  limit?: number,
): void {
  const { labels, classes } = loaded;
  tell(lonely(loaded), report);
  tell(leftOut(loaded), report);
  expectMostDecodable(name, loaded);
  const used = new Set(labels);
  const empty = classes.find((_, label) => !used.has(label));
  if (empty !== undefined) {
    const isWhole = limit === undefined || labels.length + loaded.skipped.length < limit;
    const which = isWhole ? `in ${name}` : `among the first ${limit} of ${name} (\`--limit\`)`;
    const hint = isWhole ? 'add some, or remove the class' : 'take more, or the whole';
    throw new AnytimeError(
      'bad-data-set',
      `Expected at least one image of class "${empty}" ${which} that can be decoded, got none: ${hint}`,
    );
  }
}

/** Of frames that are only measured on: classes may be missing among them. Errors: bad-data-set as of `checkData`. */
export function checkTestData(name: string, loaded: Loaded, report: (event: DataEvent) => void): void {
  tell(leftOut(loaded), report);
  expectMostDecodable(name, loaded);
}

interface Told {
  readonly path: string;
  readonly reason: string;
}

function tell(bad: readonly Told[], report: (event: DataEvent) => void): void {
  for (const { path, reason } of bad.slice(0, MOST_TOLD)) report({ type: 'bad-frame', path, reason });
  if (bad.length > MOST_TOLD) report({ type: 'bad-frames', told: MOST_TOLD, all: bad.length });
}

function expectMostDecodable(name: string, { labels, skipped }: Loaded): void {
  const images = labels.length + skipped.length;
  const first = skipped[0];
  if (first === undefined || skipped.length <= MOST_BAD_SHARE * images) return;
  throw new AnytimeError(
    'bad-data-set',
    `Expected at most ${MOST_BAD_SHARE * 100} % of the images in ${name} to be undecodable, got ${skipped.length} of ${images}, ` +
      `the first ${first.path}: ${first.reason}. Mend or remove them`,
  );
}

function leftOut({ skipped, ignored }: Loaded): Told[] {
  return [...skipped, ...ignored].map(({ path, reason }) => ({ path, reason: `left out: ${reason}` }));
}

function lonely({ labels, classes, paths }: Loaded): Told[] {
  const counts = new Array<number>(classes.length).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return paths.flatMap((path, i) => {
    const label = labels[i] as number;
    if (counts[label] !== 1) return [];
    const reason = `the only image of class "${classes[label]}": kept for training, so nothing measures this class; add images`;
    return [{ path, reason }];
  });
}
