// A dead letter that is known to be out is not sent again when its frame comes again: not for what its headers say, nor its bytes.
import { describe, expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../../src/adapters/memory/budget-store.ts';
import { MemoryFrameSource } from '../../../src/adapters/memory/frame-source.ts';
import { MemoryLog } from '../../../src/adapters/memory/log.ts';
import type { FrameRecord } from '../../../src/core/frame-record.ts';
import { AnytimeError } from '../../../src/errors.ts';
import type { FrameDecoder } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { image, useHarnesses } from '../../helpers/pipeline-harness.ts';

const start = useHarnesses();
const away = async () => {
  throw new AnytimeError('broker-unavailable', 'no broker', { retriable: true });
};
const BAD = {
  'headers that do not parse': { value: image(1, 95), headers: { ce_id: 'a', budget: 'fast' } },
  'no bytes': { value: null, headers: { ce_id: 'a' } },
  'bytes that are no image': { value: Uint8Array.of(77), headers: { ce_id: 'a' } },
};

/** A worker that refused the frame and whose commit never landed; with `lost`, neither did the acknowledgement of its end. */
async function refusedBefore(what: keyof typeof BAD, lost: boolean) {
  const clock = new ManualClock();
  const budgets = Object.assign(new MemoryBudgetStore(clock), { stop: async () => {} });
  const acknowledge = budgets.acknowledge.bind(budgets);
  if (lost) budgets.acknowledge = async () => {};
  const first = await start({ clock, ports: { budgets } });
  first.source.commit = away;
  first.send(BAD[what].value, BAD[what].headers);
  await first.until(() => first.results('a').length === 1 && first.seen.some(({ type }) => type === 'retry'));
  expect(first.deadLetters()).toBe(1);
  await first.pipeline.abort();
  budgets.acknowledge = acknowledge;
  return { clock, log: first.log, budgets };
}

describe.each(Object.keys(BAD) as (keyof typeof BAD)[])('a frame with %s that comes again', (what) => {
  it('has one dead letter and one end', async () => {
    const { budgets, ...world } = await refusedBefore(what, false);
    const second = await start({ ...world, ports: { budgets } });
    await second.until(() => second.committed() === 1n);
    expect(second.deadLetters()).toBe(1);
    expect(second.results('a')).toHaveLength(1);
  });

  it('has its end told again where that may not have gone out, and one dead letter', async () => {
    const { budgets, ...world } = await refusedBefore(what, true);
    const second = await start({ ...world, ports: { budgets } });
    await second.until(() => second.committed() === 1n);
    expect(second.deadLetters()).toBe(1);
    expect(second.results('a').map(({ exit }) => exit)).toEqual(['rejected', 'rejected']);
  });
});

it('a bad record under the name of a frame that was answered has a dead letter all the same', async () => {
  const harness = await start();
  harness.send(image(1, 95), { ce_id: 'a' });
  await harness.until(() => harness.committed() === 1n);
  harness.send(image(1, 95), { ce_id: 'a', budget: 'fast' });
  await harness.until(() => harness.committed() === 2n);
  expect(harness.deadLetters()).toBe(1);
});

it('what stands for records that cannot be read is one dead letter, which says why', async () => {
  const clock = new ManualClock();
  const log = new MemoryLog(clock);
  log.createTopic('frames');
  const source = new MemoryFrameSource({ log, topic: 'frames', groupId: 'workers' });
  const begin = source.start.bind(source);
  const unreadable = 'Expected a record batch that can be read, got 3 records: LZ4 compression not implemented';
  const mark = (record: FrameRecord) => (record.value === null ? { ...record, unreadable } : record);
  source.start = (handlers) => begin({ ...handlers, records: (records) => handlers.records(records.map(mark)) });
  const harness = await start({ clock, log, ports: { source } });
  harness.send(image(1, 95), { ce_id: 'a' });
  harness.send(null);
  harness.send(image(1, 95), { ce_id: 'b' });
  await harness.until(() => harness.committed() === 3n);
  expect(harness.deadLetters()).toBe(1);
  const reasons = harness.seen.flatMap((event) => (event.type === 'dead-lettered' ? event.reason : []));
  expect(reasons).toEqual([unreadable]);
  expect(['a', 'b'].map((id) => harness.results(id).at(-1)?.exit)).toEqual(['confident', 'confident']);
});

it('a decode that is called off is no dead letter, even where the frame seems to have time again', async () => {
  const decoder: FrameDecoder = {
    decode: async () => {
      throw new AnytimeError('stopped', 'The decode is not wanted any more');
    },
  };
  const harness = await start({ ports: { decoder } });
  harness.send(image(1, 95), { ce_id: 'a' });
  await harness.until(() => harness.committed() === 1n);
  expect(harness.deadLetters()).toBe(0);
  expect(harness.results('a').map(({ exit }) => exit)).toEqual(['expired']);
});
