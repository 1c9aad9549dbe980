// Whoever reads first answers alone sees every frame that has any, also where the store fails twice and a dead worker had recorded more.
import { expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../../src/adapters/memory/budget-store.ts';
import type { BudgetStore } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { image, useHarnesses } from '../../helpers/pipeline-harness.ts';
import { storeThrough } from '../../helpers/store-through.ts';

const start = useHarnesses();

/** A frame whose end an earlier worker recorded, and published or not; the store is away when it begins again, and once more after it refused. */
async function runAgain(isPublished: boolean) {
  const clock = new ManualClock();
  const store = new MemoryBudgetStore(clock);
  const answer = JSON.stringify({ answer: { stage: 1, label: 'cat', confidence: 0.3, top: [] }, exit: 'load' });
  await store.begin(['a'], 3_600_000);
  await store.record([{ frameId: 'a', stage: 1, cost: 0.125, epoch: 1, exit: 'load', answer }]);
  if (isPublished) await store.acknowledge([{ frameId: 'a', stage: 1, isFinal: false }]);
  const seen = { isAway: true, refused: 0 };
  const call = <T>(ask: () => Promise<T>) => (seen.isAway ? Promise.reject(new Error('no reply')) : ask());
  const budgets: BudgetStore = {
    ...storeThrough(() => store, call),
    record: (entries) =>
      call(async () => {
        const replies = await store.record(entries);
        if (replies.includes(false)) {
          seen.refused += 1;
          if (!isPublished) seen.isAway = true;
        }
        return replies;
      }),
  };
  // the first stage takes until the store is asked again
  const h = await start({ clock, ports: { budgets }, costMs: (stage) => (stage === 1 ? 150 : 5) });
  h.send(image(0, 30, 40, 50, 95), { ce_id: 'a', budget: '9' });
  await h.until(() => h.runner.runs.length === 1);
  seen.isAway = false;
  await h.until(() => h.committed() === 1n);
  expect(seen.refused).toBeGreaterThan(0);
  return h.seen.flatMap((event) => (event.type === 'published' ? [[event.result.stage, event.isFirst]] : []));
}

it('the next answer goes out as the first where none is known to have', async () => {
  expect(await runAgain(false)).toEqual([
    [2, true],
    [3, false],
    [4, false],
  ]);
});

it('and not where one has', async () => {
  const published = await runAgain(true);
  expect(published.filter(([, isFirst]) => isFirst)).toEqual([]);
});
