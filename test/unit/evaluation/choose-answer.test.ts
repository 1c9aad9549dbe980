// The rule is chosen by frames that fitted nothing; ties and few frames leave the rule that is there; halves are samples of all frames.
import { describe, expect, it } from 'vitest';
import { StageTable } from '../../../src/core/stage-table.ts';
import { chooseAnswer, halves, LEAST_FRAMES_TO_CHOOSE } from '../../../src/evaluation/choose-answer.ts';
import { promisedThreshold } from '../../../src/evaluation/learn-then-test.ts';
import { ofFrames } from '../../../src/evaluation/recalibrate.ts';
import { madeUpScores } from '../../helpers/made-up-scores.ts';
import { randomNumbers } from '../../helpers/random-bundle.ts';

it('takes the product where exits know different things', () => {
  const { scores, labels } = madeUpScores({ frames: 2000, sharpness: [1.2, 1, 1], seed: 1 });
  const { policy, rules, frames } = chooseAnswer(scores, labels);
  expect(policy.rule).toBe('product');
  expect(frames).toBe(1000);
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

it('keeps the present rule where no other is clearly better, and tells it first', () => {
  const { scores, labels } = madeUpScores({ frames: 2000, sharpness: [1.2, 1, 1], seed: 1 });
  // what independent exits that know their chances say together
  const present = { rule: 'product', weights: [0, 1, 1].map((before) => ({ own: 1, before })) } as const;
  const others = madeUpScores({ frames: 300, sharpness: [1.2, 1, 1], seed: 2 });
  const { policy, rules } = chooseAnswer(others.scores, others.labels, present);
  expect(policy).toBe(present);
  expect(rules.map(({ rule }) => rule)).toEqual(['product', 'latest', 'most-confident', 'product', 'product']);
  // the exits know nothing of each other here, so the most confident is clearly worse than what is there to choose
  expect(chooseAnswer(scores, labels, { rule: 'most-confident' }).policy.rule).toBe('product');
});

describe('halves', () => {
  it('has each frame once, and of each class as many in both, the odd ones in turn', () => {
    const labels = [0, 0, 0, 1, 1, 0, 2, 3];
    const both = halves(labels);
    expect(both).toEqual([
      [0, 2, 3, 6],
      [1, 4, 5, 7],
    ]);
  });

  it('leaves a promise its frames as a sample of all: rare classes are in both', () => {
    // 1.2 % of all frames are of a hundred rare classes, and leaving at exit 1 loses every one of them: no threshold keeps 1 %
    const table = new StageTable([0.5, 1], [], []);
    const broken = Array.from({ length: 100 }, (_, draw) => {
      const next = randomNumbers(draw);
      const labels = Uint16Array.from({ length: 800 }, () =>
        next() < 0.012 ? 10 + Math.floor(100 * next()) : Math.floor(10 * next()),
      );
      const sure = new Float32Array(800).fill(1);
      const exits = [
        { classes: labels.map((label) => (label < 10 ? label : 0)), confidences: sure },
        { classes: labels, confidences: sure },
      ];
      const { answers, labels: own } = ofFrames(exits, labels, halves(labels)[1]);
      return promisedThreshold(answers, own, table, { epsilon: 0.01, delta: 0.05 }).isPromised;
    }).filter((isPromised) => isPromised).length;
    expect(broken).toBeLessThanOrEqual(5);
  });
});
