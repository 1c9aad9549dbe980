// The account of a run: complete only when every frame has its first answer and its end.
import { expect, it } from 'vitest';
import { accountFor } from '../../../../src/cli/e2e/account.ts';
import { RunScore } from '../../../../src/evaluation/run-score.ts';
import { resultRecord } from '../../../helpers/records.ts';

it('is complete when all frames ended, and names those that did not', () => {
  const score = new RunScore();
  for (let n = 0; n < 30; n++) score.sent({ id: `f${n}`, label: null, dueAt: 0, deadline: null });
  const end = (n: number, topic: 'coarse' | 'refined') =>
    score.received(resultRecord({ id: `f${n}`, final: true, exit: 'confident' }).value, topic, 1);
  end(0, 'coarse');
  end(1, 'refined');
  score.deadLettered('f2');
  expect(accountFor(score)).toMatchObject({ isComplete: false, withoutCoarse: ['f1'] });
  expect(accountFor(score).missing).toHaveLength(20);
  for (let n = 3; n < 30; n++) end(n, 'coarse');
  expect(accountFor(score)).toMatchObject({ isComplete: false, missing: [] });
  end(1, 'coarse');
  expect(accountFor(score)).toMatchObject({ isComplete: true, withoutCoarse: [] });
});
