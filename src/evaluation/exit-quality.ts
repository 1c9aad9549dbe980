// How good an exit is: accuracy, and how far its confidence can be trusted. Pure.
import { AnytimeError } from '../errors.ts';
import type { Model } from '../network/model.ts';
import type { ExitAnswers } from './exit-answers.ts';

/** Upper edges of the confidence buckets; finer near 1, where most answers of a good exit lie. */
export const BUCKET_EDGES: readonly number[] = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1];

export type ExitQuality = Model['quality']['exits'][number];

/**
 * `labels`: the right class of each frame. A confidence belongs to the first bucket whose edge it does not pass. With `next`, the answers of
 * the next exit, each bucket counts how many of its frames were right there.
 */
export function exitQuality(
  exit: ExitAnswers,
  labels: ArrayLike<number>,
  edges: readonly number[] = BUCKET_EDGES,
  next?: ExitAnswers,
): ExitQuality {
  const buckets = edges.map(() => ({ frames: 0, right: 0, ...(next && { rightNext: 0 }) }));
  let right = 0;
  let confidence = 0;
  for (let i = 0; i < labels.length; i++) {
    const own = confidenceOf(exit, i);
    const isRight = exit.classes[i] === labels[i];
    const at = edges.findIndex((edge) => own <= edge);
    const bucket = buckets[at === -1 ? edges.length - 1 : at] as (typeof buckets)[number];
    bucket.frames++;
    if (bucket.rightNext !== undefined && next?.classes[i] === labels[i]) bucket.rightNext++;
    confidence += own;
    if (isRight) {
      bucket.right++;
      right++;
    }
  }
  return { accuracy: right / labels.length, meanConfidence: confidence / labels.length, buckets };
}

/** Errors: engine-failed for one that is no number, as of weights whose scores overflow. */
function confidenceOf({ confidences }: ExitAnswers, frame: number): number {
  const confidence = confidences[frame] as number;
  if (!Number.isNaN(confidence)) return confidence;
  throw new AnytimeError('engine-failed', `Expected a confidence from 0 to 1 for frame ${frame}, got ${confidence}`);
}

/** Share of right answers, 0…1. */
export function accuracyOf({ classes }: ExitAnswers, labels: ArrayLike<number>): number {
  let right = 0;
  for (let i = 0; i < labels.length; i++) if (classes[i] === labels[i]) right++;
  return right / labels.length;
}

/** Of the answers in one bucket: how many, how many right, and the sum of their confidences. */
export interface ConfidenceBucket {
  frames: number;
  right: number;
  confidence: number;
}

/** Equal buckets of confidence over 0…1; a confidence on an edge belongs to the bucket above it. */
export function equalBuckets(exit: ExitAnswers, labels: ArrayLike<number>, count: number): ConfidenceBucket[] {
  const buckets = Array.from({ length: count }, () => ({ frames: 0, right: 0, confidence: 0 }));
  for (let i = 0; i < labels.length; i++) {
    const own = confidenceOf(exit, i);
    const bucket = buckets[Math.min(count - 1, Math.floor(own * count))] as ConfidenceBucket;
    bucket.frames++;
    bucket.confidence += own;
    if (exit.classes[i] === labels[i]) bucket.right++;
  }
  return buckets;
}

/** Expected calibration error over 15 equal buckets: mean distance of confidence and accuracy, 0…1. */
export function calibrationError(exit: ExitAnswers, labels: ArrayLike<number>): number {
  const buckets = equalBuckets(exit, labels, 15);
  return buckets.reduce((sum, { confidence, right }) => sum + Math.abs(confidence - right), 0) / labels.length;
}

/** Chance that a right answer showed more confidence than a wrong one, 0.5 = worthless (AUROC); null when all are right or all wrong. */
export function separation(exit: ExitAnswers, labels: ArrayLike<number>): number | null {
  const order = [...exit.confidences.keys()].sort(
    (a, b) => (exit.confidences[a] as number) - (exit.confidences[b] as number),
  );
  let [rights, wrongs, sum] = [0, 0, 0];
  // Equal confidences count half: they are handled as one group.
  for (let from = 0; from < order.length; ) {
    let [groupRight, groupWrong, to] = [0, 0, from];
    const value = exit.confidences[order[from] as number];
    for (; to < order.length && exit.confidences[order[to] as number] === value; to++) {
      if (exit.classes[order[to] as number] === labels[order[to] as number]) groupRight++;
      else groupWrong++;
    }
    sum += groupRight * (wrongs + groupWrong / 2);
    rights += groupRight;
    wrongs += groupWrong;
    from = to;
  }
  return rights === 0 || wrongs === 0 ? null : sum / (rights * wrongs);
}
