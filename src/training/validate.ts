// How good each exit is on held-out frames, with the averaged weights.
import { makeBatch } from './augment.ts';
import type { FrameSet, Normalisation } from './frames.ts';
import type { Learner } from './learner.ts';

export interface ExitReport {
  /** Mean cross-entropy, nats. */
  readonly loss: number;
  /** Share of right answers, 0…1. */
  readonly accuracy: number;
}

const BATCH = 250;

export function validate(learner: Learner, data: FrameSet, to: Normalisation): ExitReport[] {
  const sums: { loss: number; right: number }[] = [];
  const classes = data.classes.length;
  const count = data.labels.length;
  for (let from = 0; from < count; from += BATCH) {
    const order = Int32Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => from + i);
    learner.scores(makeBatch(data, to, order, null)).forEach((scores, exit) => {
      sums[exit] ??= { loss: 0, right: 0 };
      const sum = sums[exit];
      order.forEach((frame, i) => {
        const label = data.labels[frame] as number;
        const row = scores.subarray(i * classes, (i + 1) * classes);
        sum.loss -= Math.log(Math.max(1e-12, row[label] as number));
        if (row.indexOf(Math.max(...row)) === label) sum.right++;
      });
    });
  }
  return sums.map(({ loss, right }) => ({ loss: loss / count, accuracy: right / count }));
}
