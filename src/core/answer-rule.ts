// Which answer a frame has after some of its exits: the latest one, or one that does not get worse by going deeper. Pure.

export const ANSWER_RULES = ['latest', 'most-confident', 'product'] as const;
/**
 * latest: the deepest exit's answer. most-confident: the most confident so far. product: product of experts, the normalised geometric mean
 * of all exits so far; their mistakes have much in common, so the plain product would be far too sure of itself.
 */
export type AnswerRule = (typeof ANSWER_RULES)[number];

export interface CombinedAnswer {
  /** Scores of the classes, summing to 1. */
  readonly scores: Float32Array;
  /** Exit that the scores come from, from 1; with `product` the deepest that took part. */
  readonly stage: number;
  /** With `product`: sum of the log-scores of all exits so far. */
  readonly logSum: Float64Array | null;
}

/** Below every float32 softmax that matters: an exit's score of 0 must not rule a class out for ever. */
const LEAST_SCORE = 1e-7;

/** The answer after `stage`, whose own scores are given; `before` is the answer after the stage before, null for the first. */
export function combineAnswer(
  rule: AnswerRule,
  before: CombinedAnswer | null,
  scores: Float32Array,
  stage: number,
): CombinedAnswer {
  if (rule === 'product') {
    const logSum = Float64Array.from(
      scores,
      (score, c) => Math.log(Math.max(score, LEAST_SCORE)) + (before?.logSum?.[c] ?? 0),
    );
    return { scores: softmax(logSum.map((sum) => sum / stage)), stage, logSum };
  }
  if (rule === 'most-confident' && before !== null && highest(before.scores) >= highest(scores)) return before;
  return { scores: Float32Array.from(scores), stage, logSum: null };
}

function highest(scores: Float32Array): number {
  return scores.reduce((best, score) => Math.max(best, score), 0);
}

function softmax(logits: Float64Array): Float32Array {
  const top = logits.reduce((a, b) => Math.max(a, b));
  const raised = logits.map((logit) => Math.exp(logit - top));
  const sum = raised.reduce((a, b) => a + b);
  return Float32Array.from(raised, (value) => value / sum);
}
