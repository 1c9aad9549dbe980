// Dead letters that their topic does not take: what that does to the others, and to what is held.
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../../src/adapters/memory/budget-store.ts';
import { MemoryLog } from '../../../src/adapters/memory/log.ts';
import { MemoryResultSink } from '../../../src/adapters/memory/result-sink.ts';
import type { Frame } from '../../../src/core/frame.ts';
import { AnytimeError } from '../../../src/errors.ts';
import type { PipelineContext } from '../../../src/pipeline/context.ts';
import { createDeadLetters } from '../../../src/pipeline/dead-letters.ts';
import type { ResultSink } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { frame } from '../../helpers/frames.ts';
import { useHarnesses } from '../../helpers/pipeline-harness.ts';

const start = useHarnesses();
const notAllowed = new AnytimeError('broker-unavailable', 'not allowed');

it('one that is never taken keeps no other back, and none goes out twice for it', async () => {
  const clock = new ManualClock();
  const log = new MemoryLog(clock);
  const sink = new MemoryResultSink(log);
  const take = sink.deadLetter.bind(sink);
  sink.deadLetter = async (letters) => {
    if (letters.some(({ record }) => record.value?.[1] === 1)) throw notAllowed;
    await take(letters);
  };
  const harness = await start({ clock, log, ports: { sink } });
  const refuse = (n: number) => harness.send(Uint8Array.of(77, n), { ce_id: `noise-${n}` });
  const ended = () => [0, 1, 2, 3, 4].filter((n) => harness.results(`noise-${n}`).some(({ final }) => final));
  for (let n = 0; n < 4; n++) refuse(n);
  await harness.until(() => ended().length === 3);
  refuse(4);
  await harness.until(() => ended().length === 4);
  await harness.until(() => harness.seen.filter(({ type }) => type === 'retry').length >= 6, 20_000);
  expect(ended()).toEqual([0, 2, 3, 4]);
  expect(harness.deadLetters()).toBe(4);
  expect(harness.committed()).toBe(1n);
});

it('those of partitions that were lost are let go while others are still refused: they do not add up with each rebalance', async () => {
  const clock = new ManualClock();
  const lost = new Set<Frame>();
  const budgets = new MemoryBudgetStore(clock);
  const sink: Pick<ResultSink, 'deadLetter'> = { deadLetter: () => Promise.reject(notAllowed) };
  const context = {
    ...{ clock, sink, budgets, settings: { frameTtlMs: 60_000 } },
    events: { emit() {} },
    partitions: { isCurrent: (record: Frame['record']) => ![...lost].some((one) => one.record === record) },
    budgetAdvice: { ask: (call: () => Promise<unknown>) => call() },
  } as unknown as PipelineContext;
  const gone: Frame[] = [];
  const letters = createDeadLetters(context, {
    sent: (one) => gone.push(one),
    failed: ({ message }) => expect.unreachable(message),
  });
  const refuse = (one: Frame) => letters.send({ frame: one, record: one.record, step: 'decode', reason: notAllowed });
  const [first, second] = [frame(), frame()];
  refuse(first);
  for (let n = 0; n < 5; n++) await setImmediate();
  refuse(second); // waits behind the first
  lost.add(second);
  for (let ms = 0; ms < 500; ms++) {
    clock.advance(1);
    await setImmediate();
  }
  expect(gone).toEqual([second]);
  expect(letters.isAwaited(first)).toBe(true);
  expect(letters.isAwaited(second)).toBe(false);
  letters.giveUp();
});
