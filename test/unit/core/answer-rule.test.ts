// Answers that do not get worse: by hand, and what must hold for any scores.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ANSWER_RULES,
  type AnswerPolicy,
  type AnswerRule,
  type CombinedAnswer,
  combineAnswer,
} from '../../../src/core/answer-rule.ts';

const run = (policy: AnswerRule | AnswerPolicy, exits: readonly (readonly number[])[]) =>
  exits.reduce<CombinedAnswer | null>(
    (before, scores, i) =>
      combineAnswer(typeof policy === 'string' ? { rule: policy } : policy, before, Float32Array.from(scores), i + 1),
    null,
  ) as CombinedAnswer;
const EXITS = [
  [0.1, 0.8, 0.1],
  [0.5, 0.3, 0.2],
];

describe('combineAnswer', () => {
  it('latest is the deepest exit', () => {
    const { scores, stage } = run('latest', EXITS);
    expect([...scores].map((s) => Math.round(s * 100))).toEqual([50, 30, 20]);
    expect(stage).toBe(2);
  });

  it('most-confident keeps the earlier answer that showed more', () => {
    const { scores, stage } = run('most-confident', EXITS);
    expect(scores[1]).toBeCloseTo(0.8, 6);
    expect(stage).toBe(1);
    expect(run('most-confident', [...EXITS, [0.9, 0.05, 0.05]]).stage).toBe(3);
  });

  it('product is the normalised geometric mean', () => {
    const roots = [Math.sqrt(0.05), Math.sqrt(0.24), Math.sqrt(0.02)];
    const sum = roots.reduce((a, b) => a + b);
    const { scores } = run('product', EXITS);
    roots.forEach((root, c) => {
      expect(scores[c]).toBeCloseTo(root / sum, 5);
    });
  });

  it('product does not rule a class out for a score of 0', () => {
    const { scores } = run('product', [
      [0, 1, 0],
      [1, 0, 0],
    ]);
    expect(scores[0]).toBeCloseTo(scores[1] as number, 5);
  });

  const exits = fc.array(
    fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }).map((raw) => {
      const sum = raw.reduce((a, b) => a + b);
      return raw.map((value) => value / sum);
    }),
    { minLength: 1, maxLength: 6 },
  );

  it.each(ANSWER_RULES)('%s: scores sum to 1, and one exit alone answers for itself', (rule) => {
    fc.assert(
      fc.property(exits, (given) => {
        expect(run(rule, given).scores.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
        const [first = []] = given;
        run(rule, [first]).scores.forEach((score, c) => {
          expect(score).toBeCloseTo(first[c] as number, 4);
        });
      }),
    );
  });

  const weight = fc.double({ min: 0, max: 2, noNaN: true });
  const weighted = fc
    .array(fc.record({ own: fc.double({ min: 0.01, max: 2, noNaN: true }), before: weight }), {
      minLength: 6,
      maxLength: 6,
    })
    .map((weights): AnswerPolicy => ({ rule: 'product', weights }));

  it('weighted product: the class that two exits both put first stays first', () => {
    fc.assert(
      fc.property(weighted, exits, (policy, [first = [], second = first]) => {
        const leader = run('latest', [first]).scores.indexOf(Math.max(...run('latest', [first]).scores));
        fc.pre(second.indexOf(Math.max(...second)) === leader);
        const { scores } = run(policy, [first, second]);
        expect(scores[leader]).toBe(Math.max(...scores));
      }),
    );
  });

  it('weighted product: scores sum to 1 and come from the deepest exit', () => {
    fc.assert(
      fc.property(weighted, exits, (policy, given) => {
        const { scores, stage } = run(policy, given);
        expect(scores.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
        expect(stage).toBe(given.length);
      }),
    );
  });

  it('weighted product with nothing of before is the latest exit; with nothing of its own, the answer before', () => {
    fc.assert(
      fc.property(exits, (given) => {
        const latest = run({ rule: 'product', weights: given.map(() => ({ own: 1, before: 0 })) }, given);
        run('latest', given).scores.forEach((score, c) => {
          expect(latest.scores[c]).toBeCloseTo(score, 4);
        });
        const first = run({ rule: 'product', weights: given.map(() => ({ own: 0, before: 1 })) }, given);
        expect(first.stage).toBe(1);
        run('latest', given.slice(0, 1)).scores.forEach((score, c) => {
          expect(first.scores[c]).toBeCloseTo(score, 4);
        });
      }),
    );
  });

  it('most-confident never shows less than any exit before', () => {
    fc.assert(
      fc.property(exits, (given) => {
        const shown = Math.max(...run('most-confident', given).scores);
        for (const scores of given) expect(shown).toBeGreaterThanOrEqual(Math.max(...scores) - 1e-6);
        const { stage, scores } = run('most-confident', given);
        expect([...scores]).toEqual([...Float32Array.from(given[stage - 1] as number[])]);
      }),
    );
  });
});
