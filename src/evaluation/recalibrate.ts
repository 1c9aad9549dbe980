// What calibrating a bundle anew may change besides the threshold: its answer rule, and the quality tables, which are counted with it. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { AnswerPolicy } from '../core/answer-rule.ts';
import type { Model } from '../network/model.ts';
import {
  type AnswerChoice,
  chooseAnswer,
  halves,
  LEAST_FRAMES_TO_CHOOSE,
  labelsOf,
  scoresOf,
} from './choose-answer.ts';
import type { ExitAnswers } from './exit-answers.ts';
import { BUCKET_EDGES, calibrationError, exitQuality, separation } from './exit-quality.ts';
import { collectTemperatures } from './temperature-effect.ts';

export interface Rechosen {
  readonly answer: AnswerPolicy;
  readonly isNew: boolean;
  /** How it was chosen; null where there were too few frames to choose, so that the bundle's own rule stays. */
  readonly choice: AnswerChoice | null;
  /** Numbers of the frames that may choose a threshold for it. */
  readonly forThreshold: readonly number[];
}

/**
 * `present`: the bundle's rule, which stays unless another is clearly better. `scores` of each exit, [frames × classes]. A promise about the
 * threshold only holds for frames that had no part in other choices: where at least `apart` frames are to be left to it (null: no promise), one
 * half chooses the rule and the other the threshold; halves smaller than that are not made, and the rule stays.
 */
export function rechooseAnswer(
  present: AnswerPolicy,
  scores: readonly Float32Array[],
  labels: ArrayLike<number>,
  apart: number | null,
): Rechosen {
  const all = Array.from({ length: labels.length }, (_, i) => i);
  const [choosing, rest] = apart === null ? [all, all] : halves(labels);
  if (choosing.length < LEAST_FRAMES_TO_CHOOSE || rest.length < (apart ?? 0))
    return { answer: present, isNew: false, choice: null, forThreshold: all };
  const choice = chooseAnswer(scoresOf(scores, choosing, labels.length), labelsOf(labels, choosing), present);
  const isNew = !isDeepStrictEqual(choice.policy, present);
  return { answer: isNew ? choice.policy : present, isNew, choice, forThreshold: rest };
}

/** The answers to some of the frames, with their labels; null = all. */
export function ofFrames(exits: readonly ExitAnswers[], labels: Uint16Array, frames: readonly number[] | null) {
  if (frames === null || frames.length === labels.length) return { answers: exits, labels };
  const answers = exits.map(({ classes, confidences }) => ({
    classes: Uint16Array.from(frames, (frame) => classes[frame] as number),
    confidences: Float32Array.from(frames, (frame) => confidences[frame] as number),
  }));
  return { answers, labels: Uint16Array.from(labelsOf(labels, frames)) };
}

/**
 * A bundle's tables counted anew on these frames: `answers` after each exit as served, `scores` of each exit's own. Its temperatures stay; what
 * they do is told for these frames.
 */
export function qualityOf(
  present: Model['quality'],
  scores: readonly Float32Array[],
  answers: readonly ExitAnswers[],
  labels: ArrayLike<number>,
  measuredOn: string,
): Model['quality'] {
  const frames = labels.length;
  const temperatures = collectTemperatures(
    answers.map((_, i) => present.exits[i]?.calibration?.temperature),
    frames,
  );
  for (const [i, exit] of scores.entries()) {
    const classes = exit.length / frames;
    for (let frame = 0; frame < frames; frame++)
      temperatures.note(frame, i + 1, exit.subarray(frame * classes, (frame + 1) * classes));
  }
  const effects = temperatures.effects(labels);
  return {
    measuredOn,
    bucketEdges: [...BUCKET_EDGES],
    exits: answers.map((exit, i) => {
      const effect = effects[i];
      const served = { error: calibrationError(exit, labels), separation: separation(exit, labels) };
      const counted = exitQuality(exit, labels, BUCKET_EDGES, answers[i + 1]);
      return effect ? { ...counted, calibration: { ...effect, served } } : counted;
    }),
  };
}
