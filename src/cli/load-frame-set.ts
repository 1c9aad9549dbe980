// A labelled data set in the input size of a model, by that model's classes, with progress for people.
import type { Model } from '../network/model.ts';
import { type LoadedDataSet, loadDataSet } from '../training/data-set/load-data-set.ts';
import type { FrameSet } from '../training/frames.ts';
import { createProgress } from './progress.ts';

export interface LoadedFrameSet {
  readonly frames: FrameSet;
  /** Images left out because they cannot be decoded. */
  readonly skipped: LoadedDataSet['skipped'];
}

/** Images left out are told by `say`, one by one, so many at most. */
const MOST_TOLD = 5;

/** At most `limit` frames. Errors: bad-data-set. */
export async function loadFrameSet(
  path: string,
  model: Model,
  limit: number | null,
  say: (text: string) => void,
): Promise<LoadedFrameSet> {
  const { height, width } = model.network.input;
  const progress = createProgress('frames read');
  try {
    const { images, labels, classes, skipped } = await loadDataSet(path, {
      size: { width, height },
      classes: model.classes,
      onProgress: progress.update,
      ...(limit !== null && { limit }),
    });
    progress.end();
    for (const left of skipped.slice(0, MOST_TOLD)) say(`Left out ${left.path}: ${left.reason}`);
    return { frames: { name: path, classes, height, width, pixels: images, labels }, skipped };
  } finally {
    progress.end();
  }
}
