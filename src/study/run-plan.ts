// The runs of a plan one after another, then what others stored of the rest.
import type { StudyRun } from './plan.ts';
import type { RunRecord } from './run-record.ts';

/**
 * Results by id, in the plan's order. `make`: null where a run is another's, or was aborted. `stored` is asked last: whoever shares the folder
 * may have finished runs meanwhile.
 */
export async function runPlan(
  plan: readonly StudyRun[],
  make: (run: StudyRun, index: number) => Promise<RunRecord | null>,
  stored: (run: StudyRun) => Promise<RunRecord | null>,
): Promise<ReadonlyMap<string, RunRecord>> {
  const made: (RunRecord | null)[] = [];
  for (const [index, run] of plan.entries()) made.push(await make(run, index));
  const records = new Map<string, RunRecord>();
  for (const [index, run] of plan.entries()) {
    const record = made[index] ?? (await stored(run));
    if (record !== null) records.set(run.id, record);
  }
  return records;
}
