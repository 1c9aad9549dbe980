// The rule is chosen by frames that fitted nothing; ties and few frames leave the latest exit.
import { expect, it } from 'vitest';
import { chooseAnswer, halves, LEAST_FRAMES_TO_CHOOSE } from '../../../src/evaluation/choose-answer.ts';
import { madeUpScores } from '../../helpers/made-up-scores.ts';

it('takes the product where exits know different things', () => {
  const { scores, labels } = madeUpScores({ frames: 2000, sharpness: [1.2, 1, 1], seed: 1 });
  const { policy, rules, frames } = chooseAnswer(scores, labels);
  expect(policy.rule).toBe('product');
  expect(frames).toBe(999); // three classes of 666 and 667, an odd one each to the fitting half
  const total = (index: number) => rules[index]?.exits.reduce((sum, { accuracy }) => sum + accuracy, 0) ?? 0;
  expect(rules.map(({ rule, isWeighted }) => `${rule} ${isWeighted}`)).toEqual([
    'latest false',
    'most-confident false',
    'product false',
    'product true',
  ]);
  const chosen = rules.findIndex(({ isWeighted }) => isWeighted === (policy.weights !== undefined));
  expect(Math.max(total(2), total(3))).toBeGreaterThan(total(0));
  expect(chosen).toBeGreaterThan(-1);
});

it('leaves the latest where all rules are equal', () => {
  const { scores, labels } = madeUpScores({ frames: 600, sharpness: [1], seed: 2 });
  expect(chooseAnswer([...scores, ...scores, ...scores], labels).policy).toEqual({ rule: 'latest' });
});

it('leaves the latest where another rule is ahead by no more than chance', () => {
  // the first exit knows nearly nothing: over many draws another rule is ahead by a frame or two, and now and then by more
  const chosen = Array.from({ length: 20 }, (_, seed) => {
    const { scores, labels } = madeUpScores({ frames: 600, sharpness: [0.3], seed });
    const better = madeUpScores({ frames: 600, sharpness: [1.5], seed: seed + 100 }).scores;
    const { policy, rules } = chooseAnswer([...scores, ...better], labels);
    const total = (index: number) => rules[index]?.exits.reduce((sum, { accuracy }) => sum + accuracy, 0) ?? 0;
    return { rule: policy.rule, isAhead: Math.max(total(1), total(2), total(3)) > total(0) };
  });
  expect(chosen.filter(({ rule, isAhead }) => isAhead && rule === 'latest').length).toBeGreaterThan(0);
  expect(chosen.filter(({ rule, isAhead }) => !isAhead && rule !== 'latest')).toEqual([]);
});

it('leaves the latest where there are few frames, and tells the rules all the same', () => {
  const { scores, labels } = madeUpScores({ frames: LEAST_FRAMES_TO_CHOOSE - 2, sharpness: [1.2, 1, 1], seed: 1 });
  const { policy, rules } = chooseAnswer(scores, labels);
  expect(policy).toEqual({ rule: 'latest' });
  expect(rules).toHaveLength(4);
});

it('halves: each frame once, each class in both', () => {
  const labels = [0, 0, 0, 1, 1, 0, 2];
  const [fit, judge] = halves(labels);
  expect([...fit, ...judge].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect([fit, judge].map((half) => half.map((i) => labels[i]))).toEqual([
    [0, 0, 1, 2],
    [0, 1, 0],
  ]);
});
