// Fitted weights against a search over a grid, against experts whose best weights are known, and never worse than the exit alone.
import { describe, expect, it } from 'vitest';
import { type AnswerPolicy, type CombinedAnswer, combineAnswer } from '../../../src/core/answer-rule.ts';
import { answersByPolicy } from '../../../src/evaluation/answer-rules.ts';
import { accuracyOf } from '../../../src/evaluation/exit-quality.ts';
import { fitAnswerWeights } from '../../../src/evaluation/fit-answer-weights.ts';
import { madeUpScores } from '../../helpers/made-up-scores.ts';
import { randomNumbers } from '../../helpers/random-bundle.ts';

/** Mean log-loss of the answer after the last exit, nats. */
function lossOf(policy: AnswerPolicy, scores: readonly Float32Array[], labels: readonly number[]): number {
  let loss = 0;
  for (const [i, label] of labels.entries()) {
    let before: CombinedAnswer | null = null;
    for (const [s, exit] of scores.entries()) {
      const classes = exit.length / labels.length;
      before = combineAnswer(policy, before, exit.subarray(i * classes, (i + 1) * classes), s + 1);
    }
    loss -= Math.log(Math.max(before?.scores[label] ?? 0, 1e-30));
  }
  return loss / labels.length;
}
const FIRST = { own: 1, before: 0 };
const weighted = (own: number, before: number): AnswerPolicy => ({
  rule: 'product',
  weights: [FIRST, { own, before }],
});

describe('fitAnswerWeights', () => {
  it('finds the least log-loss of a fine grid', () => {
    const { scores, labels } = madeUpScores({ frames: 400, sharpness: [1, 1.5], seed: 1 });
    const [, pair = FIRST] = fitAnswerWeights(scores, labels);
    const found = lossOf(weighted(pair.own, pair.before), scores, labels);
    let least = Number.POSITIVE_INFINITY;
    for (let own = 0; own <= 2; own += 0.1)
      for (let before = 0; before <= 2; before += 0.1)
        if (own + before > 0) least = Math.min(least, lossOf(weighted(own, before), scores, labels));
    expect(found).toBeLessThan(least + 2e-4); // what the pull towards the exit alone may cost with 400 frames
  });

  it('independent experts count fully, both of them', () => {
    const { scores, labels } = madeUpScores({ frames: 4000, sharpness: [1, 1], seed: 2 });
    const [first, second] = fitAnswerWeights(scores, labels);
    expect(first).toEqual(FIRST);
    expect(second?.own).toBeCloseTo(1, 0);
    expect(second?.before).toBeCloseTo(1, 0);
  });

  it('an exit that only repeats the one before adds nothing', () => {
    const { scores, labels } = madeUpScores({ frames: 4000, sharpness: [1], seed: 3 });
    const [, second = FIRST] = fitAnswerWeights([...scores, ...scores], labels);
    expect(second.own + second.before).toBeCloseTo(1, 0);
  });

  it('an exit that knows nothing leaves the answer before it', () => {
    const { scores, labels } = madeUpScores({ frames: 2000, sharpness: [2], seed: 4 });
    const random = randomNumbers(5);
    const seen = labels.map(() => Math.floor(3 * random()));
    const noise = madeUpScores({ frames: 2000, sharpness: [2], seed: 5, seen });
    const answers = [...scores, ...noise.scores];
    const [, second = FIRST] = fitAnswerWeights(answers, labels);
    expect(second.own).toBeLessThan(0.1);
    const [before, after] = answersByPolicy(weighted(second.own, second.before), answers, 2000);
    expect(accuracyOf(after as NonNullable<typeof after>, labels)).toBeGreaterThan(
      accuracyOf(before as NonNullable<typeof before>, labels) - 0.01,
    );
  });

  it.each([6, 7, 8, 9])(
    'never loses to the exit alone on the frames it was fitted on, few or hard (seed %i)',
    (seed) => {
      const given = madeUpScores({ frames: 20 + 10 * seed, sharpness: [0.2, 0.5, 0.3, 1], seed });
      const { scores, labels } = given;
      const policy: AnswerPolicy = { rule: 'product', weights: fitAnswerWeights(scores, labels) };
      const alone = answersByPolicy({ rule: 'latest' }, scores, labels.length);
      for (const [s, exit] of answersByPolicy(policy, scores, labels.length).entries()) {
        const own = alone[s] as (typeof alone)[number];
        expect(accuracyOf(exit, labels)).toBeGreaterThanOrEqual(accuracyOf(own, labels));
        const upTo = scores.slice(0, s + 1);
        expect(lossOf(policy, upTo, labels)).toBeLessThanOrEqual(lossOf({ rule: 'latest' }, upTo, labels) + 1e-4);
      }
    },
  );

  it('is the same twice', () => {
    const { scores, labels } = madeUpScores({ frames: 100, sharpness: [1, 1, 1], seed: 10 });
    expect(fitAnswerWeights(scores, labels)).toEqual(fitAnswerWeights(scores, labels));
  });
});
