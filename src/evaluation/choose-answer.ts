// Which answer rule a bundle serves by: weights fitted on one half of held-out frames, the rule chosen on the other. Pure.
import { isDeepStrictEqual } from 'node:util';
import { type AnswerPolicy, LATEST } from '../core/answer-rule.ts';
import { answersByPolicy, policiesBeside, type RuleQuality, ruleQualities } from './answer-rules.ts';
import type { ExitAnswers } from './exit-answers.ts';
import { fitAnswerWeights } from './fit-answer-weights.ts';

/** Fewer frames than this can't tell rules apart that differ by a point: the present rule stays then. */
export const LEAST_FRAMES_TO_CHOOSE = 200;

export interface AnswerChoice {
  readonly policy: AnswerPolicy;
  /** Frames that chose it: those that fitted no weights. */
  readonly frames: number;
  /** Every rule on those frames: the present one first, the product with newly fitted weights last. */
  readonly rules: readonly RuleQuality[];
}

/**
 * The rule with the most right answers over all exits on the choosing half; the present one, else the simplest, where no other is better by more
 * than one standard error of the difference, frame by frame: less may be chance. `scores` of each exit, [frames × classes], of held-out frames,
 * never of test frames; calibrated by temperature before.
 */
export function chooseAnswer(
  scores: readonly Float32Array[],
  labels: ArrayLike<number>,
  present: AnswerPolicy = LATEST,
): AnswerChoice {
  const [fit, judge] = halves(labels);
  const fitted: AnswerPolicy = {
    rule: 'product',
    weights: fitAnswerWeights(scoresOf(scores, fit, labels.length), labelsOf(labels, fit)),
  };
  const policies = [present, ...policiesBeside(fitted).filter((policy) => !isDeepStrictEqual(policy, present))];
  const judged = scoresOf(scores, judge, labels.length);
  const answers = new Map(policies.map((policy) => [policy, answersByPolicy(policy, judged, judge.length)]));
  const own = labelsOf(labels, judge);
  const [now = [], ...others] = policies.map((policy) =>
    rightExits(answers.get(policy) as readonly ExitAnswers[], own),
  );
  let [best, most] = [0, 0];
  for (const [i, other] of others.entries()) {
    const { sum, isClear } = leadOver(other, now);
    if (labels.length >= LEAST_FRAMES_TO_CHOOSE && isClear && sum > most) [best, most] = [i + 1, sum];
  }
  return { policy: policies[best] ?? present, frames: judge.length, rules: ruleQualities({ answers }, own) };
}

/** Of each frame: at how many exits the answer is right. */
function rightExits(exits: readonly ExitAnswers[], labels: readonly number[]): number[] {
  return labels.map((label, frame) => exits.filter(({ classes }) => classes[frame] === label).length);
}

/** By how many right answers `own` is ahead of `other`, and whether that is more than its standard error. */
function leadOver(own: readonly number[], other: readonly number[]): { sum: number; isClear: boolean } {
  const leads = own.map((count, frame) => count - (other[frame] as number));
  const sum = leads.reduce((total, lead) => total + lead, 0);
  const squares = leads.reduce((total, lead) => total + lead * lead, 0);
  return { sum, isClear: sum > Math.sqrt(Math.max(0, squares - (sum * sum) / leads.length)) };
}

/**
 * Numbers of the frames in two halves: ordered by class, one after another in turn, so that the order of the frames does not matter much. One
 * turn for all classes, not one for each: or the odd frame of every class, of a rare one the only frame, would come to the first half, and
 * neither half would be a sample of what all the frames are a sample of.
 */
export function halves(labels: ArrayLike<number>): readonly [number[], number[]] {
  const byClass = Array.from({ length: labels.length }, (_, i) => i).sort(
    (a, b) => (labels[a] as number) - (labels[b] as number),
  );
  const half = (odd: 0 | 1) => byClass.filter((_, i) => i % 2 === odd).sort((a, b) => a - b);
  return [half(0), half(1)];
}

/** The scores of some of the frames. */
export function scoresOf(scores: readonly Float32Array[], frames: readonly number[], all: number): Float32Array[] {
  return scores.map((exit) => {
    const classes = exit.length / all;
    const some = new Float32Array(frames.length * classes);
    for (const [i, frame] of frames.entries())
      some.set(exit.subarray(frame * classes, (frame + 1) * classes), i * classes);
    return some;
  });
}

/** The labels of some of the frames. */
export function labelsOf(labels: ArrayLike<number>, frames: readonly number[]): number[] {
  return frames.map((frame) => labels[frame] as number);
}
