// Suspects beside other frames: who goes before whom, what becomes of deadlines, and what a store that fails may not spoil.
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../../src/adapters/memory/budget-store.ts';
import { AnytimeError } from '../../../src/errors.ts';
import type { BudgetStore } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { type Harness, image, useHarnesses } from '../../helpers/pipeline-harness.ts';
import { storeThrough } from '../../helpers/store-through.ts';

const start = useHarnesses();
const HOUR = 3_600_000;

/** A store in which `id` is answered up to `stage` by a worker that then came to nothing `vain` times; stage 0: never answered. */
async function storeWith(suspects: Readonly<Record<string, number>>, vain = 1): Promise<MemoryBudgetStore> {
  const store = new MemoryBudgetStore(new ManualClock());
  for (const [id, stage] of Object.entries(suspects)) {
    const answer = JSON.stringify({ answer: { stage, label: 'owl', confidence: 0.3, top: [] }, exit: null });
    const entry = { frameId: id, stage, cost: 0.1, epoch: 1, exit: null, answer };
    if (stage > 0) {
      await store.record([entry]);
      await store.acknowledge([{ ...entry, isFinal: false }]);
    }
    for (let i = 0; i < vain; i++) await store.begin([id], HOUR);
  }
  return store;
}

const countOf = async (store: BudgetStore, id: string) => ((await store.begin([id], HOUR, 0))[0]?.attempts ?? 0) - 1;

/** A pixel that tells a frame's runs from others'. */
const tagged = (tag: number, ...percent: number[]) => image(1, ...percent.concat([0, 0, 0, 0]).slice(0, 4), tag);

/** Notes runs as stage:tags. */
function watch({ runner }: Harness): string[] {
  const runs: string[] = [];
  const tags = new Map<number, number>();
  const runStage = runner.runStage.bind(runner);
  runner.runStage = async (stage, frames, ...more) => {
    const names = frames.map(({ handle, pixels }) => (handle === null ? pixels?.[5] : tags.get(handle)) ?? -1);
    runs.push(`${stage}:${names.join()}`);
    const run = await runStage(stage, frames, ...more);
    for (const [i, name] of names.entries()) tags.set(run.outputs[i]?.handle ?? -1, name);
    return run;
  };
  return runs;
}

it('one without an answer does not wait until one that has some has caught up', async () => {
  const harness = await start({ costMs: () => 40, ports: { budgets: await storeWith({ old: 3, fresh: 0 }) } });
  const runs = watch(harness);
  harness.send(tagged(1, 30, 30, 30, 30), { ce_id: 'old', budget: '9' });
  await harness.until(() => runs.length === 1);
  harness.send(tagged(2, 95), { ce_id: 'fresh', 'deadline-ms': '130' });
  await harness.until(() => harness.committed() === 2n);
  expect(runs.slice(0, 3)).toEqual(['1:1', '1:2', '2:1']);
  expect(harness.results('fresh').map(({ exit }) => exit)).toEqual(['confident']);
});

it('no refinement begins while one without an answer is being counted', async () => {
  const costMs = (stage: number) => (stage === 1 ? 5 : 45);
  const harness = await start({ costMs, ports: { budgets: await storeWith({ suspect: 0 }) } });
  const runs = watch(harness);
  for (let i = 0; i < 3; i++) harness.send(tagged(1, 30, 30, 30, 30), { ce_id: `r${i}`, budget: '9' });
  await harness.until(() => runs.length >= 2);
  const before = runs.length;
  harness.send(tagged(2, 95), { ce_id: 'suspect', 'deadline-ms': '60' });
  await harness.until(() => harness.results('suspect').some(({ final }) => final));
  expect(runs[before]).toBe('1:2');
});

it('an attempt whose reply was lost is not counted twice', async () => {
  const store = await storeWith({ suspect: 3 });
  let failing = 2;
  const lost = <T>(reply: Promise<T>) =>
    failing-- > 0 ? reply.then(() => Promise.reject(new Error('no reply'))) : reply;
  const budgets: BudgetStore = {
    ...storeThrough(() => store),
    begin: (ids, ttlMs, countUpTo) =>
      countUpTo === 1 ? store.begin(ids, ttlMs, countUpTo) : lost(store.begin(ids, ttlMs, countUpTo)),
    giveBack: (frames) => lost(store.giveBack(frames)),
  };
  const harness = await start({ costMs: () => 150, ports: { budgets } });
  const counts: number[] = [];
  const runStage = harness.runner.runStage.bind(harness.runner);
  harness.runner.runStage = async (...run) => {
    counts.push(await countOf(store, 'suspect'));
    return runStage(...run);
  };
  harness.send(tagged(1, 30, 30, 30, 30), { ce_id: 'suspect', budget: '9' });
  await harness.until(() => counts.length === 3);
  expect(Math.max(...counts)).toBe(2);
  await harness.until(() => harness.committed() === 1n);
});

it('one that is counted for its run still ends at its deadline, and is not blamed while nothing can be run', async () => {
  const store = await storeWith({ suspect: 0 });
  const begin = store.begin.bind(store);
  let asked = 0;
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  store.begin = async (ids, ttlMs, countUpTo) => {
    const known = await begin(ids, ttlMs, countUpTo);
    if (countUpTo !== 0 && countUpTo !== 1 && ++asked === 2) await gate; // counted for its run, the reply takes a while
    return known;
  };
  const harness = await start({ costMs: () => 10, ports: { budgets: store }, settings: { maxUnsentBytes: 1 } });
  const publish = harness.sink.publish.bind(harness.sink);
  let isAway = true;
  harness.sink.publish = async (results) => {
    if (isAway) throw new AnytimeError('broker-unavailable', 'away', { retriable: true });
    await publish(results);
  };
  const runs = watch(harness);
  harness.send(tagged(1, 30, 30, 30, 30), { ce_id: 'suspect', 'deadline-ms': '300' });
  await harness.until(() => asked === 2);
  harness.send(tagged(2, 95), { ce_id: 'other' });
  await harness.until(() => harness.seen.filter(({ type }) => type === 'stage-run').length === 1);
  release();
  for (let i = 0; i < 100; i++) {
    await setImmediate();
    harness.clock.advance(1);
  }
  expect(await countOf(store, 'suspect')).toBe(1);
  for (let i = 0; i < 300; i++) {
    await setImmediate();
    harness.clock.advance(1);
  }
  isAway = false;
  await harness.until(() => harness.committed() === 2n, 20_000);
  expect(runs).toEqual(['1:2']);
  expect(harness.results('suspect').map(({ exit }) => exit)).toEqual(['expired']);
});

it('what is known of one is not forgotten when the store is away at its turn: no answer steps back', async () => {
  const store = await storeWith({ suspect: 3 });
  let isAway = false;
  const orAway = <T>(call: () => Promise<T>) => (isAway ? Promise.reject(new Error('away')) : call());
  const budgets: BudgetStore = {
    ...storeThrough(() => store, orAway),
    begin(ids, ttlMs, countUpTo) {
      isAway ||= countUpTo !== 1;
      return orAway(() => store.begin(ids, ttlMs, countUpTo));
    },
  };
  const harness = await start({ ports: { budgets } });
  harness.send(tagged(1, 30, 30, 30, 30), { ce_id: 'suspect', budget: '9' });
  await harness.until(() => harness.committed() === 1n);
  expect(isAway).toBe(true);
  expect(harness.results('suspect').map(({ stage }) => stage)).toEqual([4]);
});

it('thousands whose deadlines pass while they wait end one after another', async () => {
  const suspects = Object.fromEntries(Array.from({ length: 4000 }, (_, i) => [`s${i}`, 0]));
  const harness = await start({
    costMs: () => 300,
    ports: { budgets: await storeWith({ slow: 0, ...suspects }) },
    settings: { credits: { maxFrames: 10_000, maxBytes: 1e9 } },
  });
  harness.send(tagged(1, 95), { ce_id: 'slow' });
  for (const id of Object.keys(suspects)) harness.send(tagged(2, 95), { ce_id: id, 'deadline-ms': '1500' });
  const hasFailed = () => harness.seen.some(({ type }) => type === 'failed');
  await harness.until(() => harness.committed() === 4001n || hasFailed(), 6000);
  expect(hasFailed()).toBe(false);
});

it('one that repeats its recorded answer, never acknowledged, is counted in its next stage all the same', async () => {
  const store = await storeWith({ suspect: 2 }, 2);
  const harness = await start({ ports: { budgets: store } });
  const counts: [stage: number, attempts: number][] = [];
  const runStage = harness.runner.runStage.bind(harness.runner);
  harness.runner.runStage = async (stage, ...more) => {
    counts.push([stage, await countOf(store, 'suspect')]);
    return runStage(stage, ...more);
  };
  harness.send(tagged(1, 30, 30, 30, 30), { ce_id: 'suspect', budget: '9' });
  await harness.until(() => harness.committed() === 1n);
  expect(counts).toEqual([
    [1, 3],
    [2, 3],
    [3, 3],
    [4, 0], // further than ever: a frame like any other
  ]);
});
