// When Redis was away.
import { expect, it } from 'vitest';
import { AwaySpans } from '../../../../src/cli/chaos/away-spans.ts';

it('is what faults took away and what workers said, as one where they overlap', () => {
  const away = new AwaySpans();
  away.fault(10_000, 11_000, true);
  away.degraded('w1', 10_900);
  away.degraded('w1', 14_500);
  away.recovered('w1', 20_000);
  away.recovered('w2', 20_000);
  away.degraded('w2', 50_000);
  expect(away.spans(60_000)).toEqual([
    { from: 10_000, to: 20_000 },
    { from: 50_000, to: 60_000 },
  ]);
  expect(away.totalMs(60_000)).toBe(20_000);
});

it('tells apart the faults after which Redis knows nothing of what was', () => {
  const away = new AwaySpans();
  away.degraded('w1', 50);
  away.fault(100, 100, true);
  away.fault(150, 180, false);
  away.recovered('w1', 200);
  expect(away.wipes).toEqual([{ from: 100, to: 100 }]);
  expect(away.spans(1000)).toEqual([{ from: 50, to: 200 }]);
});
