// The stream of a chaos run.
import { expect, it } from 'vitest';
import { dueBy } from '../../../../src/cli/chaos/load-shape.ts';

it('never falls, begins with none and ends with all', () => {
  let before = 0;
  for (let ms = 0; ms <= 25_000; ms += 10) {
    const due = dueBy(ms, 5000, 25_000);
    expect(due).toBeGreaterThanOrEqual(before);
    before = due;
  }
  expect([dueBy(0, 5000, 25_000), before, dueBy(1e9, 5000, 25_000)]).toEqual([0, 5000, 5000]);
});

it('has bursts of four times the steady rate', () => {
  const perSecond = (from: number) => dueBy(from + 1000, 160_000, 100_000) - dueBy(from, 160_000, 100_000);
  expect(perSecond(14_500) / perSecond(11_000)).toBeCloseTo(4, 1);
});
