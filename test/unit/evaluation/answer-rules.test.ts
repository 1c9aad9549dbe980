// Each rule's answers frame by frame, by hand: one frame that refining loses, one that it wins.
import { expect, it } from 'vitest';
import { collectByRule, ruleQualities } from '../../../src/evaluation/answer-rules.ts';

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

it('tells accuracy after each exit and what refining loses, rule by rule', () => {
  const rules = collectByRule(2, 2);
  for (const stage of [1, 2]) {
    for (const [frame, exits] of SCORES.entries()) {
      rules.note(frame, stage, Float32Array.from(exits[stage - 1] as number[]));
    }
  }
  const qualities = Object.fromEntries(
    ruleQualities(rules, [0, 0]).map(({ rule, exits, lostByRefining }) => [
      rule,
      [...exits.map(({ accuracy }) => accuracy), lostByRefining],
    ]),
  );
  expect(qualities).toEqual({ latest: [0.5, 0.5, 0.5], 'most-confident': [0.5, 1, 0], product: [0.5, 1, 0] });
});
