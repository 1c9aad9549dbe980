// The budget ratio C against cases worked out by hand, and the promise against the figures of the note.
import { expect, it } from 'vitest';
import { budgetRatio, promisedRatio } from '../../../src/study/budget-ratio.ts';

it('is 1 where the sequence is OPT itself', () => {
  const opt = [1, 2, 4].map((cost, i) => ({ cost, error: 0.4 - i / 10 }));
  expect(budgetRatio(opt, opt)).toEqual({ worst: 1, mean: 1, from: 1, to: 4 });
});

it('grows with the budget until the sequence catches up', () => {
  // From 1 to 4 the sequence has error 0.4, which OPT passes at 2: C is 1 up to 2, then B/2, up to 2.
  const sequence = [
    { cost: 1, error: 0.4 },
    { cost: 4, error: 0.2 },
  ];
  const opt = [
    { cost: 1, error: 0.4 },
    { cost: 2, error: 0.2 },
  ];
  const { worst, mean } = budgetRatio(sequence, opt);
  expect(worst).toBe(2);
  expect(mean).toBeCloseTo((1 + (16 - 4) / 4) / 3, 12);
});

it('counts OPT answers that come before the first of the sequence', () => {
  const ratio = budgetRatio([{ cost: 2, error: 0.5 }], [{ cost: 1, error: 0.3 }], { to: 4 });
  expect(ratio).toEqual({ worst: 4, mean: 3, from: 2, to: 4 });
});

it('refuses an empty range of budgets', () => {
  expect(() => budgetRatio([{ cost: 2, error: 0.5 }], [{ cost: 1, error: 0.3 }])).toThrow(/budgets beyond 2/);
});

it('promises what the note worked out', () => {
  expect(promisedRatio(2).worst).toBe(3);
  expect(promisedRatio(2).mean).toBeCloseTo(2.44, 2);
  expect(promisedRatio(4).worst).toBeCloseTo(2.33, 2);
  expect(promisedRatio(4).mean).toBeCloseTo(1.67, 2);
  expect(() => promisedRatio(1)).toThrow(/above 1, got 1/);
});
