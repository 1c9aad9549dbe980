// A labelled data set in the input size of a model, by that model's classes, with progress for people.
import type { Model } from '../network/model.ts';
import { checkTestData } from '../training/check-data.ts';
import { type LoadedDataSet, loadDataSet } from '../training/data-set/load-data-set.ts';
import type { FrameSet } from '../training/frames.ts';
import { counted } from './counted.ts';
import { dataEventText } from './data-event-text.ts';
import { createProgress } from './progress.ts';

export interface LoadedFrameSet {
  readonly frames: FrameSet;
  /** Images left out because they cannot be decoded. */
  readonly skipped: LoadedDataSet['skipped'];
}

/** At most `limit` frames. What is left out is told by `say`. Errors: bad-data-set, also where more than a tenth cannot be decoded. */
export async function loadFrameSet(
  path: string,
  model: Model,
  limit: number | null,
  say: (text: string) => void,
): Promise<LoadedFrameSet> {
  const { height, width } = model.network.input;
  const progress = createProgress('frames read');
  try {
    const loaded = await loadDataSet(path, {
      size: { width, height },
      classes: model.classes,
      onProgress: progress.update,
      ...(limit !== null && { limit }),
    });
    progress.end();
    checkTestData(path, loaded, (event) => say(dataEventText(event)));
    const { images, labels, classes, skipped, ignored } = loaded;
    if (skipped.length + ignored.length > 0) say(leftOutText(loaded));
    return { frames: { name: path, classes, height, width, pixels: images, labels }, skipped };
  } finally {
    progress.end();
  }
}

function leftOutText({ skipped, ignored, labels }: LoadedDataSet): string {
  const of = counted(labels.length + skipped.length, 'image');
  return `Left out: ${skipped.length} of ${of}, which cannot be decoded; beside the images: ${ignored.length}.`;
}
