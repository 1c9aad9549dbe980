// Which answer rule a bundle serves by: weights fitted on one half of held-out frames, the rule chosen on the other. Pure.
import { type AnswerPolicy, LATEST } from '../core/answer-rule.ts';
import { answersByPolicy, policiesBeside, type RuleQuality, ruleQualities } from './answer-rules.ts';
import { fitAnswerWeights } from './fit-answer-weights.ts';

/** Fewer frames than this can't tell rules apart that differ by a point: the latest exit answers then. */
export const LEAST_FRAMES_TO_CHOOSE = 200;
/** Sums of shares that differ by less than a frame are equal. */
const ROUNDING = 1e-9;

export interface AnswerChoice {
  readonly policy: AnswerPolicy;
  /** Frames that chose it: those that fitted no weights. */
  readonly frames: number;
  /** Every rule on those frames, the weighted product last. */
  readonly rules: readonly RuleQuality[];
}

/**
 * The rule with the most right answers over all exits on the choosing half, the latest on ties. `scores` of each exit, [frames × classes],
 * of held-out frames, never of test frames; calibrated by temperature before.
 */
export function chooseAnswer(scores: readonly Float32Array[], labels: ArrayLike<number>): AnswerChoice {
  const [fit, judge] = halves(labels);
  const policies = policiesBeside({
    rule: 'product',
    weights: fitAnswerWeights(scoresOf(scores, fit, labels.length), labelsOf(labels, fit)),
  });
  const judged = scoresOf(scores, judge, labels.length);
  const answers = new Map(policies.map((policy) => [policy, answersByPolicy(policy, judged, judge.length)]));
  const rules = ruleQualities({ answers }, labelsOf(labels, judge));
  let [best, policy] = [sum(rules[0]), LATEST];
  for (const [i, rule] of rules.entries())
    if (labels.length >= LEAST_FRAMES_TO_CHOOSE && sum(rule) > best + ROUNDING)
      [best, policy] = [sum(rule), policies[i] as AnswerPolicy];
  return { policy, frames: judge.length, rules };
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

/** Mean accuracy over the exits would choose the same; the sum is in exits' worth of right answers. */
function sum(rule: RuleQuality | undefined): number {
  return (rule?.exits ?? []).reduce((total, { accuracy }) => total + accuracy, 0);
}
