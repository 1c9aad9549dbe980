// Which answer rule a bundle serves by: weights fitted on one half of held-out frames, the rule chosen on the other. Pure.
import { type AnswerPolicy, LATEST } from '../core/answer-rule.ts';
import { answersByPolicy, policiesBeside, type RuleQuality, ruleQualities } from './answer-rules.ts';
import type { ExitAnswers } from './exit-answers.ts';
import { fitAnswerWeights } from './fit-answer-weights.ts';

/** Fewer frames than this can't tell rules apart that differ by a point: the latest exit answers then. */
export const LEAST_FRAMES_TO_CHOOSE = 200;

export interface AnswerChoice {
  readonly policy: AnswerPolicy;
  /** Frames that chose it: those that fitted no weights. */
  readonly frames: number;
  /** Every rule on those frames, the weighted product last. */
  readonly rules: readonly RuleQuality[];
}

/**
 * The rule with the most right answers over all exits on the choosing half; the latest where no other is better by more than one standard error
 * of the difference, frame by frame: less may be chance, and the latest is the simpler rule. `scores` of each exit, [frames × classes], of
 * held-out frames, never of test frames; calibrated by temperature before.
 */
export function chooseAnswer(scores: readonly Float32Array[], labels: ArrayLike<number>): AnswerChoice {
  const [fit, judge] = halves(labels);
  const policies = policiesBeside({
    rule: 'product',
    weights: fitAnswerWeights(scoresOf(scores, fit, labels.length), labelsOf(labels, fit)),
  });
  const judged = scoresOf(scores, judge, labels.length);
  const answers = new Map(policies.map((policy) => [policy, answersByPolicy(policy, judged, judge.length)]));
  const own = labelsOf(labels, judge);
  const [latest = [], ...others] = policies.map((policy) =>
    rightExits(answers.get(policy) as readonly ExitAnswers[], own),
  );
  let [best, most] = [0, 0];
  for (const [i, other] of others.entries()) {
    const { sum, isClear } = leadOver(other, latest);
    if (labels.length >= LEAST_FRAMES_TO_CHOOSE && isClear && sum > most) [best, most] = [i + 1, sum];
  }
  return { policy: policies[best] ?? LATEST, frames: judge.length, rules: ruleQualities({ answers }, own) };
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

/** Numbers of the frames in two halves, class by class in turn, so that the order of the frames does not matter much. */
export function halves(labels: ArrayLike<number>): readonly [number[], number[]] {
  const both: [number[], number[]] = [[], []];
  const seen = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    const count = seen.get(label) ?? 0;
    both[count % 2 === 0 ? 0 : 1].push(i);
    seen.set(label, count + 1);
  }
  return both;
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
