// Each rule's answers frame by frame, by hand: one frame that refining loses, one that it wins.
import { expect, it } from 'vitest';
import type { AnswerPolicy } from '../../../src/core/answer-rule.ts';
import { answersByPolicy, collectByRule, policiesBeside, ruleQualities } from '../../../src/evaluation/answer-rules.ts';

// Both frames are of class 0.
const SCORES = [
  [
    [0.9, 0.1],
    [0.4, 0.6],
  ], // right and sure, then wrong and unsure
  [
    [0.45, 0.55],
    [0.8, 0.2],
  ], // wrong, then right
];

const OWN: AnswerPolicy = {
  rule: 'product',
  weights: [
    { own: 1, before: 0 },
    { own: 1, before: 0.01 },
  ],
};

function collected() {
  const rules = collectByRule(policiesBeside(OWN), 2, 2);
  for (const stage of [1, 2]) {
    for (const [frame, exits] of SCORES.entries()) {
      rules.note(frame, stage, Float32Array.from(exits[stage - 1] as number[]));
    }
  }
  return rules;
}

it('tells accuracy after each exit and what refining loses, rule by rule', () => {
  const qualities = Object.fromEntries(
    ruleQualities(collected(), [0, 0]).map(({ rule, isWeighted, exits, lostByRefining }) => [
      `${rule}${isWeighted ? ', weighted' : ''}`,
      [...exits.map(({ accuracy }) => accuracy), lostByRefining],
    ]),
  );
  expect(qualities).toEqual({
    latest: [0.5, 0.5, 0.5],
    'most-confident': [0.5, 1, 0],
    product: [0.5, 1, 0],
    'product, weighted': [0.5, 0.5, 0.5],
  });
});

it('gives the same answers from all scores of each exit as frame by frame', () => {
  const scores = [0, 1].map((exit) => Float32Array.from(SCORES.flatMap((exits) => exits[exit] as number[])));
  for (const [policy, answers] of collected().answers) expect(answersByPolicy(policy, scores, 2)).toEqual(answers);
});

it('policies: the served one is among them once', () => {
  expect(policiesBeside({ rule: 'most-confident' })).toHaveLength(3);
  const served: AnswerPolicy = { rule: 'latest' };
  expect(policiesBeside(served)[0]).toBe(served);
});
