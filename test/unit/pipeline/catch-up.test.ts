// What went out without the store is told to it when it is back: whoever has the frames next knows.
import { expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../../src/adapters/memory/budget-store.ts';
import { MemoryFrameSource } from '../../../src/adapters/memory/frame-source.ts';
import { MemoryLog } from '../../../src/adapters/memory/log.ts';
import { AnytimeError } from '../../../src/errors.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { image, useHarnesses } from '../../helpers/pipeline-harness.ts';
import { utf8 } from '../../helpers/records.ts';

const start = useHarnesses();

/** A store that can be away; it outlives the worker. */
function storeThatGoesAway(clock: ManualClock) {
  const store = new MemoryBudgetStore(clock);
  const state = { isAway: false };
  const away = async () => {
    throw new AnytimeError('store-unavailable', 'away', { retriable: true });
  };
  for (const name of ['begin', 'record', 'acknowledge', 'giveBack'] as const) {
    const call = store[name].bind(store) as (...args: unknown[]) => Promise<never>;
    Object.assign(store, { [name]: (...args: unknown[]) => (state.isAway ? away() : call(...args)) });
  }
  return { store: Object.assign(store, { stop: async () => {} }), state };
}

const noCommit = async () => {
  throw new AnytimeError('broker-unavailable', 'a rebalance', { retriable: true });
};

it('so that frames answered without it, whose commit never landed, are neither announced nor ended again', async () => {
  const clock = new ManualClock();
  const { store, state } = storeThatGoesAway(clock);
  const first = await start({ clock, ports: { budgets: store } });
  first.source.commit = noCommit;
  state.isAway = true;
  for (const id of ['a', 'b']) first.send(image(0, 95), { ce_id: id });
  await first.until(() => ['a', 'b'].every((id) => first.results(id).some(({ final }) => final)));
  expect(first.results('a')).toMatchObject([{ degraded: ['budget-store'] }]);
  state.isAway = false;
  clock.advance(2000); // the store is asked again
  first.send(image(1, 95), { ce_id: 'c' });
  await first.until(() => first.results('c').length > 0);
  await first.until(() => first.seen.filter(({ type }) => type === 'recovered').length > 0);
  const known = await store.begin(['a', 'b'], 60_000, 0);
  expect(known).toMatchObject([
    { isFinal: true, isAcknowledged: true, acknowledgedStage: 1 },
    { isFinal: true, isAcknowledged: true, acknowledgedStage: 1 },
  ]);
  await first.pipeline.abort();
  const second = await start({ clock, log: first.log, ports: { budgets: store } });
  await second.until(() => second.committed() === 3n);
  expect(['a', 'b', 'c'].map((id) => second.results(id).length)).toEqual([1, 1, 1]);
});

it('but not what was said of partitions that were lost meanwhile: whoever has them says what is to be said', async () => {
  const clock = new ManualClock();
  const { store, state } = storeThatGoesAway(clock);
  const log = new MemoryLog(clock);
  log.createTopic('frames', 2);
  const source = new MemoryFrameSource({ log, topic: 'frames', groupId: 'workers' });
  const startSource = source.start.bind(source);
  let revoke = (_: number) => {};
  source.start = (handlers) => {
    revoke = (partition) => handlers.revoked([{ topic: 'frames', partition }]);
    return startSource(handlers);
  };
  const harness = await start({ clock, log, ports: { budgets: store, source } });
  harness.source.commit = noCommit;
  state.isAway = true;
  const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
  for (const id of ids) harness.send(image(0, 95), { ce_id: id }, id);
  await harness.until(() => ids.every((id) => harness.results(id).length > 0));
  const lost = new Set(log.read({ topic: 'frames', partition: 1 }, 0n, 100).map(({ key }) => String(key)));
  expect(lost.size).toBeGreaterThan(0);
  expect(lost.size).toBeLessThan(ids.length);
  revoke(1);
  state.isAway = false;
  clock.advance(2000);
  const kept = ids.find((id) => !lost.has(String(utf8(id)))) ?? '';
  harness.send(image(1, 95), { ce_id: 'next' }, kept);
  await harness.until(() => harness.seen.some(({ type }) => type === 'recovered'));
  await harness.until(() => harness.results('next').length > 0);
  const known = await store.begin(ids, 60_000, 0);
  for (const [i, id] of ids.entries()) expect(known[i]?.isFinal, id).toBe(!lost.has(String(utf8(id))));
});
