// Which answer a frame has after some of its exits: the latest one, or one that does not get worse by going deeper. Pure.

export const ANSWER_RULES = ['latest', 'most-confident', 'product'] as const;
/**
 * latest: the deepest exit's answer. most-confident: the most confident so far. product: product of experts, all exits so far together;
 * without weights their normalised geometric mean, because their mistakes have much in common and the plain product would be far too sure.
 */
export type AnswerRule = (typeof ANSWER_RULES)[number];

/** How much an exit's log-scores count, and how much those combined before it: not negative, not both 0. */
export interface ExitWeights {
  readonly own: number;
  readonly before: number;
}

/** A rule as a bundle states it: with `product` one weight pair per exit, from exit 1, fitted on held-out frames. */
export interface AnswerPolicy {
  readonly rule: AnswerRule;
  readonly weights?: readonly ExitWeights[] | undefined;
}

export const LATEST: AnswerPolicy = { rule: 'latest' };

/** All that a frame keeps between its exits. */
export interface CombinedAnswer {
  /** Scores of the classes, summing to 1. */
  readonly scores: Float32Array;
  /** Exit that they come from, from 1; with `product` the deepest that took part. */
  readonly stage: number;
}

/** Below every float32 softmax that matters: an exit's score of 0 must not rule a class out for ever. */
const LEAST_SCORE = 1e-7;

/** The answer after `stage`, whose own scores are given; `before` is the answer after the stage before, null for the first. */
export function combineAnswer(
  policy: AnswerPolicy,
  before: CombinedAnswer | null,
  scores: Float32Array,
  stage: number,
): CombinedAnswer {
  if (before !== null && policy.rule === 'product') return product(weightsAt(policy, stage), before, scores, stage);
  if (before !== null && policy.rule === 'most-confident' && highest(before.scores) >= highest(scores)) return before;
  return { scores: Float32Array.from(scores), stage };
}

/** Log-scores as the product takes them: natural logarithms, floored. */
export function logScores(scores: Float32Array): Float64Array {
  return Float64Array.from(scores, (score) => Math.log(Math.max(score, LEAST_SCORE)));
}

/** Softmax of own·log own scores + before·log scores before: the loss of the fit is convex in both weights. */
function product({ own, before: past }: ExitWeights, before: CombinedAnswer, scores: Float32Array, stage: number) {
  const [ownLogs, pastLogs] = [logScores(scores), logScores(before.scores)];
  const logits = ownLogs.map((log, c) => own * log + past * (pastLogs[c] as number));
  return { scores: softmax(logits), stage: own === 0 ? before.stage : stage };
}

/** Without weights: exit s counts 1 part in s, as every exit before it does. */
function weightsAt({ weights }: AnswerPolicy, stage: number): ExitWeights {
  return weights?.[stage - 1] ?? { own: 1 / stage, before: 1 - 1 / stage };
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
