// Several commands may share a plan and its folder: what the others did meanwhile is seen.
import { expect, it } from 'vitest';
import type { StudyRun } from '../../../src/study/plan.ts';
import { runPlan } from '../../../src/study/run-plan.ts';
import type { RunRecord } from '../../../src/study/run-record.ts';

it('asks for what others stored once its own runs are done', async () => {
  const plan = ['a', 'b', 'c', 'd'].map((id) => ({ id }) as StudyRun);
  const recordOf = ({ id }: StudyRun) => ({ id }) as RunRecord;
  const stored = new Map<string, RunRecord>();
  const make = async (run: StudyRun, index: number) => {
    if (index % 2 === 0) return null;
    if (run.id === 'd') stored.set('a', { id: 'a' } as RunRecord); // another's, while ours was trained
    return recordOf(run);
  };
  const records = await runPlan(plan, make, async ({ id }) => stored.get(id) ?? null);
  expect([...records.keys()]).toEqual(['a', 'b', 'd']);
});
