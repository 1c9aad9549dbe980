// A store that was emptied while frames were under way answers, and knows nothing: what is published of those frames says so.
import { expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../../src/adapters/memory/budget-store.ts';
import { AnytimeError } from '../../../src/errors.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { image, useHarnesses } from '../../helpers/pipeline-harness.ts';
import { utf8 } from '../../helpers/records.ts';
import { storeThrough } from '../../helpers/store-through.ts';

const start = useHarnesses();

/** A store that can be emptied; it outlives its workers. */
function storeThatIsEmptied(clock: ManualClock) {
  let store = new MemoryBudgetStore(clock);
  const empty = () => {
    store = new MemoryBudgetStore(clock);
  };
  // As Redis does, it says with its replies since when it remembers.
  let since = store.remembersSince();
  const through = async <T>(call: () => Promise<T>): Promise<T> => {
    const reply = await call();
    since = store.remembersSince();
    return reply;
  };
  return { budgets: { ...storeThrough(() => store, through), remembersSince: () => since }, empty };
}

const MARKED = { degraded: ['budget-history'] };
const UNMARKED = { degraded: [] };

it('those in hand are marked from then on, those that are sent after it are not', async () => {
  const clock = new ManualClock();
  const { budgets, empty } = storeThatIsEmptied(clock);
  const harness = await start({ clock, ports: { budgets }, costMs: () => 40 });
  harness.send(image(0, 30, 40, 50, 60), { ce_id: 'a' });
  await harness.until(() => harness.results('a').length === 2);
  empty();
  harness.send(image(0, 95), { ce_id: 'b' });
  await harness.until(() => harness.committed() === 2n);
  expect(harness.results('a')).toMatchObject([
    UNMARKED,
    UNMARKED,
    MARKED,
    { ...MARKED, final: true, exit: 'full-depth' },
  ]);
  expect(harness.results('b')).toMatchObject([{ ...UNMARKED, final: true }]);
});

it('those are not marked that it would have forgotten by itself since then', async () => {
  const clock = new ManualClock();
  const { budgets, empty } = storeThatIsEmptied(clock);
  const harness = await start({ clock, ports: { budgets }, settings: { frameTtlMs: 60_000 } });
  const sendOld = (id: string) =>
    harness.log.append('frames', {
      ...{ key: null, value: image(0, 95), headers: { ce_id: utf8(id) } },
      timestamp: clock.now() - 3_600_000,
    });
  empty();
  sendOld('a');
  await harness.until(() => harness.committed() === 1n);
  clock.advance(600_000);
  sendOld('b');
  await harness.until(() => harness.committed() === 2n);
  expect([...harness.results('a'), ...harness.results('b')]).toMatchObject([MARKED, UNMARKED]);
});

it('what was said of those in hand is told anew: another worker that gets them says none of it again', async () => {
  const clock = new ManualClock();
  const { budgets, empty } = storeThatIsEmptied(clock);
  const [schedule, costMs] = [{ maxBatch: 1, maxRunMs: 50 }, (stage: number) => (stage === 1 ? 1 : 1000)];
  const first = await start({ clock, ports: { budgets }, settings: { schedule }, costMs });
  const ids = ['a', 'b'];
  for (const id of ids) first.send(image(0, 30, 40, 50, 60), { ce_id: id });
  await first.until(() => first.results().length === 2);
  clock.advance(1);
  empty();
  await first.until(() => first.results().length === 3);
  const said = clock.now();
  await first.until(() => clock.now() > said + 20);
  const waiting = ids.find((id) => first.results(id).length === 1) as string;
  expect(await budgets.begin([waiting], 60_000, 0)).toMatchObject([{ stage: 1, acknowledgedStage: 1, spent: 0.125 }]);
  await first.pipeline.abort();
  const second = await start({ clock, log: first.log, ports: { budgets } });
  await second.until(() => second.committed() === 2n);
  for (const id of ids) {
    const said = second.results(id).map(({ stage, final }) => (final ? 'end' : stage));
    expect(said).toEqual([...[1, 2, 3].slice(0, said.length - 1), 'end']);
  }
});

it('what was said of those that ended is told anew as long as their commit has not landed', async () => {
  const clock = new ManualClock();
  const { budgets, empty } = storeThatIsEmptied(clock);
  const first = await start({ clock, ports: { budgets } });
  const commit = first.source.commit.bind(first.source);
  first.send(image(0, 95), { ce_id: 'committed' });
  await first.until(() => first.committed() === 1n);
  first.source.commit = async () => {
    throw new AnytimeError('broker-unavailable', 'a rebalance', { retriable: true });
  };
  for (const id of ['a', 'b']) first.send(image(0, 30, 95), { ce_id: id });
  await first.until(() => ['a', 'b'].every((id) => first.results(id).some(({ final }) => final)));
  clock.advance(1);
  empty();
  first.send(image(0, 95), { ce_id: 'next' });
  await first.until(() => first.results('next').length > 0);
  await first.until(() => first.committed() === 1n);
  const known = await budgets.begin(['a', 'b', 'committed'], 60_000, 0);
  const ended = { stage: 2, isFinal: true, isAcknowledged: true, spent: 0.25 };
  expect(known).toMatchObject([ended, ended, { stage: 0, isFinal: false }]);
  await first.pipeline.abort();
  first.source.commit = commit;
  const second = await start({ clock, log: first.log, ports: { budgets } });
  await second.until(() => second.committed() === 4n);
  expect(['a', 'b', 'next'].map((id) => second.results(id).length)).toEqual([2, 2, 1]);
});

it('what was on its way to the broker when it was emptied is told anew, also where intake finds out first', async () => {
  const clock = new ManualClock();
  const { budgets, empty } = storeThatIsEmptied(clock);
  const first = await start({ clock, ports: { budgets } });
  first.source.commit = async () => {
    throw new AnytimeError('broker-unavailable', 'a rebalance', { retriable: true });
  };
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const publish = first.sink.publish.bind(first.sink);
  let isPublishing = false;
  first.sink.publish = async (results) => {
    isPublishing = true;
    await gate;
    return publish(results);
  };
  first.send(image(0, 30, 95), { ce_id: 'a' });
  await first.until(() => isPublishing);
  clock.advance(1);
  empty();
  first.send(image(0, 95), { ce_id: 'b' });
  let turns = 0;
  await first.until(() => turns++ > 30);
  open();
  await first.until(() => first.results('a').some(({ final }) => final) && first.results('b').length > 0);
  turns = 0;
  await first.until(() => turns++ > 30);
  expect(await budgets.begin(['a'], 60_000, 0)).toMatchObject([
    { stage: 2, isFinal: true, isAcknowledged: true, spent: 0.25 },
  ]);
});

it('those that come again to another worker are marked too: it may step back', async () => {
  const clock = new ManualClock();
  const { budgets, empty } = storeThatIsEmptied(clock);
  const first = await start({ clock, ports: { budgets }, costMs: (stage) => (stage < 3 ? 1 : 1000) });
  first.send(image(0, 30, 40, 50, 60), { ce_id: 'a' });
  await first.until(() => first.results('a').length === 2);
  await first.pipeline.abort();
  clock.advance(1);
  empty();
  const second = await start({ clock, log: first.log, ports: { budgets } });
  await second.until(() => second.committed() === 1n);
  const stages = second.results('a').map(({ stage, degraded }) => [stage, degraded.length]);
  expect(stages.sort()).toEqual([
    [1, 0],
    [1, 1],
    [2, 0],
    [2, 1],
    [3, 1],
    [4, 1],
  ]);
});
