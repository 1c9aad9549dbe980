// Whoever reads first answers sees every frame, and once: what an earlier attempt had acknowledged is not said again.
import { expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../../src/adapters/memory/budget-store.ts';
import { MemoryLog } from '../../../src/adapters/memory/log.ts';
import { AnytimeError } from '../../../src/errors.ts';
import type { BudgetStore } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { type Harness, image, useHarnesses } from '../../helpers/pipeline-harness.ts';

const start = useHarnesses();

/** One store that outlives its workers. */
function sharedStore(clock: ManualClock): BudgetStore {
  const store = new MemoryBudgetStore(clock);
  return Object.assign(store, { stop: async () => {} });
}
const coarse = ({ log }: Harness) => log.endOffset({ topic: 'frames.coarse', partition: 0 });
const stagesOf = (harness: Harness) =>
  harness.results('a').map(({ stage, final }) => `${stage}${final ? ' final' : ''}`);
/** The first two stages take a step, the others longer than anything here. */
const stuckAtThree = (stage: number) => (stage < 3 ? 1 : 1e9);

it('a first answer that was acknowledged is not said again by the next attempts, however many; none counts as vain', async () => {
  const clock = new ManualClock();
  const budgets = sharedStore(clock);
  const log = new MemoryLog(clock);
  for (let attempt = 0; attempt < 5; attempt++) {
    const harness = await start({ clock, log, ports: { budgets }, costMs: stuckAtThree });
    if (attempt === 0) harness.send(image(1, 30, 40, 50, 95), { ce_id: 'a' });
    let steps = 0;
    await harness.until(() => harness.runner.runs.some(({ stage }) => stage === 3) && ++steps > 20);
    expect([coarse(harness), stagesOf(harness)]).toEqual([1n, ['1', '2']]);
    expect((await budgets.begin(['a'], 60_000, 0))[0]).toMatchObject({ stage: 2, acknowledgedStage: 2 });
    await harness.pipeline.abort();
  }
  // What it ran again counts against its budget: hence no stage 4.
  const last = await start({ clock, log, ports: { budgets } });
  await last.until(() => last.committed() === 1n);
  expect([coarse(last), stagesOf(last)]).toEqual([1n, ['1', '2', '3 final']]);
  expect(last.deadLetters()).toBe(0);
});

it('one that was recorded and not acknowledged goes out again as a first answer', async () => {
  const clock = new ManualClock();
  const budgets = sharedStore(clock);
  const first = await start({ clock, ports: { budgets } });
  first.sink.publish = async () => {
    throw new AnytimeError('broker-unavailable', 'no broker', { retriable: true });
  };
  first.send(image(1, 30, 40, 50, 95), { ce_id: 'a' });
  await first.until(() => first.seen.some(({ type }) => type === 'retry'));
  await first.pipeline.abort();
  expect((await budgets.begin(['a'], 60_000, 0))[0]).toMatchObject({ stage: 1, acknowledgedStage: 0 });
  const second = await start({ clock, log: first.log, ports: { budgets } });
  await second.until(() => second.committed() === 1n);
  expect([coarse(second), stagesOf(second)[0]]).toEqual([1n, '1']);
});

it('a store that lost its memory costs a first answer more, never one less', async () => {
  const clock = new ManualClock();
  const first = await start({ clock, costMs: stuckAtThree });
  first.send(image(1, 30, 40, 50, 95), { ce_id: 'a' });
  await first.until(() => first.results('a').length === 2);
  await first.pipeline.abort();
  const second = await start({ clock, log: first.log });
  await second.until(() => second.committed() === 1n);
  expect([coarse(second), stagesOf(second).at(-1)]).toEqual([2n, '4 final']);
});

it('a recorded answer that cannot be read is worth nothing: the frame ends with one of its own, though the store is ahead', async () => {
  const clock = new ManualClock();
  const budgets = sharedStore(clock);
  await budgets.record([{ frameId: 'a', stage: 4, cost: 0.1, epoch: 1, exit: null, answer: 'of another version' }]);
  await budgets.acknowledge([{ frameId: 'a', stage: 4, isFinal: false }]);
  const harness = await start({ clock, ports: { budgets } });
  harness.send(image(1, 30, 40, 50, 95), { ce_id: 'a' });
  await harness.until(() => harness.committed() === 1n);
  expect(harness.results('a').filter(({ final }) => final)).toMatchObject([{ label: 'dog' }]);
});
