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

/** At most `limit` frames. Errors: bad-data-set. */
export async function loadFrameSet(path: string, model: Model, limit: number | null): Promise<LoadedFrameSet> {
  const { height, width } = model.network.input;
  const progress = createProgress('frames read');
  try {
    const { images, labels, classes, skipped } = await loadDataSet(path, {
      size: { width, height },
      classes: model.classes,
      onProgress: progress.update,
      ...(limit !== null && { limit }),
    });
    return { frames: { name: path, classes, height, width, pixels: images, labels }, skipped };
  } finally {
    progress.end();
  }
}
