// Stopping at awkward moments: while starting, while draining, with a broker that refuses the last commit.
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../../src/adapters/memory/budget-store.ts';
import { MemoryFrameSource } from '../../../src/adapters/memory/frame-source.ts';
import { MemoryLog } from '../../../src/adapters/memory/log.ts';
import { MemoryResultSink } from '../../../src/adapters/memory/result-sink.ts';
import { AnytimeError } from '../../../src/errors.ts';
import { formatRecorded } from '../../../src/pipeline/recorded-answer.ts';
import type { FrameDecoder, ResultSink } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { type Harness, image, startHarness } from '../../helpers/pipeline-harness.ts';

/** Whether the promise has settled within some turns of the event loop and ms of the clock. */
async function settles(harness: Pick<Harness, 'clock'>, promise: Promise<unknown>, ms: number): Promise<string> {
  let outcome = 'pending';
  promise.then(
    () => (outcome = 'resolved'),
    () => (outcome = 'rejected'),
  );
  for (let i = 0; i < ms && outcome === 'pending'; i++) {
    await setImmediate();
    harness.clock.advance(1);
  }
  return outcome;
}

it.each(['drain', 'abort'] as const)('%s while it starts: the start resolves, and nothing is taken', async (how) => {
  const clock = new ManualClock();
  const log = new MemoryLog(clock);
  let connect = () => {};
  const sink: ResultSink = new MemoryResultSink(log);
  sink.start = () =>
    new Promise((resolve) => {
      connect = resolve;
    });
  let stopped: Promise<void> = Promise.resolve();
  const starting = startHarness({
    clock,
    log,
    ports: { sink },
    made: (pipeline) => {
      stopped = how === 'drain' ? pipeline.drain(1000) : pipeline.abort();
    },
  });
  await setImmediate();
  expect(await settles({ clock }, stopped, 2000)).toBe('resolved');
  connect();
  expect(await settles({ clock }, starting, 100)).toBe('resolved');
  const harness = await starting;
  harness.send(image(0, 95));
  await setImmediate();
  await setImmediate();
  expect(harness.pipeline.heldFrames).toBe(0);
  expect(harness.seen.some(({ type }) => type === 'assigned' || type === 'started')).toBe(false);
  expect(clock.pending).toBe(0);
});

/** A sink whose start fails so many times. */
function failingStart(clock: ManualClock, failures: number, retriable = true) {
  const log = new MemoryLog(clock);
  const sink: ResultSink = new MemoryResultSink(log);
  const start = sink.start.bind(sink);
  let starts = 0;
  sink.start = async () => {
    starts += 1;
    if (starts <= failures) throw new AnytimeError('broker-unavailable', 'socket closed', { retriable });
    await start();
  };
  return { log, sink, starts: () => starts };
}

it('a start while connections to the broker break is tried again, with back-off', async () => {
  const clock = new ManualClock();
  const { log, sink, starts } = failingStart(clock, 4);
  const starting = startHarness({ clock, log, ports: { sink } });
  expect(await settles({ clock }, starting, 3000)).toBe('resolved');
  const harness = await starting;
  expect(starts()).toBe(5);
  expect(harness.seen.flatMap((event) => (event.type === 'retry' ? [event.inMs] : []))).toEqual([100, 200, 400, 800]);
  harness.send(image(0, 95), { ce_id: 'a' });
  await harness.until(() => harness.committed() === 1n);
  await harness.pipeline.abort();
});

it.each([
  ['a broker that stays away is given up after half a minute', true, 30_000, 36_000],
  ['a broker that refuses for good is given up at once', false, 0, 10],
])('%s', async (_, retriable, least, most) => {
  const clock = new ManualClock();
  const { log, sink } = failingStart(clock, 1e9, retriable);
  const from = clock.now();
  const starting = startHarness({ clock, log, ports: { sink } });
  expect(await settles({ clock }, starting, 40_000)).toBe('rejected');
  expect(clock.now() - from).toBeGreaterThanOrEqual(least);
  expect(clock.now() - from).toBeLessThanOrEqual(most);
});

it('told to stop while a start waits for the broker, it starts no more', async () => {
  const clock = new ManualClock();
  const { log, sink, starts } = failingStart(clock, 1e9);
  let stop = async () => {};
  const made = (pipeline: { abort(): Promise<void> }) => {
    stop = () => pipeline.abort();
  };
  const starting = startHarness({ clock, log, ports: { sink }, made });
  expect(await settles({ clock }, starting, 500)).toBe('pending');
  const before = starts();
  expect(await settles({ clock }, stop(), 100)).toBe('resolved');
  expect(await settles({ clock }, starting, 6000)).toBe('resolved');
  expect(starts()).toBe(before);
});

it('an abort while it drains does not wait for the grace time', async () => {
  const harness = await startHarness({ costMs: (stage) => (stage === 1 ? 1 : 5000) });
  harness.send(image(0, 30, 40, 50, 60));
  await harness.until(() => harness.runner.runs.some(({ stage }) => stage === 2));
  const drained = harness.pipeline.drain(60_000);
  expect(await settles(harness, drained, 50)).toBe('pending');
  const aborted = harness.pipeline.abort();
  expect(await settles(harness, aborted, 50)).toBe('resolved');
  expect(harness.committed() ?? 0n).toBe(0n);
});

it('partitions that come while it drains are paused at once: nothing more is taken from them', async () => {
  const harness = await startHarness({ costMs: () => 5000 });
  harness.send(image(0, 30, 40, 50, 60));
  await harness.until(() => harness.runner.runs.length === 1);
  const drained = harness.pipeline.drain(60_000);
  const paused: number[] = [];
  const pause = harness.source.pause.bind(harness.source);
  harness.source.pause = (partitions) => {
    paused.push(...partitions.map(({ partition }) => partition));
    pause(partitions);
  };
  const other = new MemoryFrameSource({ log: harness.log, topic: 'frames', groupId: 'workers' });
  const ignore = () => {};
  await other.start({ assigned: ignore, revoked: ignore, records: ignore, failed: ignore });
  await other.stop();
  await harness.until(() => paused.length > 0, 50);
  expect(await settles(harness, harness.pipeline.abort(), 50)).toBe('resolved');
  await drained;
});

it('stopping with a run in flight is no failure', async () => {
  const harness = await startHarness({ costMs: (stage) => (stage === 1 ? 1 : 5000) });
  harness.send(image(0, 30, 40, 50, 60));
  await harness.until(() => harness.runner.runs.some(({ stage }) => stage === 2));
  await harness.pipeline.abort();
  await setImmediate();
  expect(harness.seen.filter(({ type }) => type === 'failed')).toEqual([]);
});

it('a drain whose last commit is refused for good still leaves, and says so', async () => {
  const clock = new ManualClock();
  const log = new MemoryLog(clock);
  log.createTopic('frames');
  const source = new MemoryFrameSource({ log, topic: 'frames', groupId: 'workers' });
  source.commit = async () => {
    throw new AnytimeError('broker-unavailable', 'not allowed');
  };
  const harness = await startHarness({ clock, log, ports: { source }, settings: { commitEveryMs: 10_000 } });
  harness.send(image(0, 95));
  await harness.until(() => harness.results().length === 1);
  expect(await settles(harness, harness.pipeline.drain(1000), 3000)).toBe('rejected');
  expect(clock.pending).toBe(0);
  await expect(harness.runner.runStage(1, [])).rejects.toMatchObject({ code: 'stopped' });
});

it('out of grace, a frame whose refinement is running ends with the answer it has', async () => {
  const harness = await startHarness({ costMs: (stage) => (stage === 1 ? 1 : 5000) });
  harness.send(image(1, 30, 40, 50, 60), { ce_id: 'a' });
  await harness.until(() => harness.runner.runs.some(({ stage }) => stage === 2));
  expect(await settles(harness, harness.pipeline.drain(100), 8000)).toBe('resolved');
  expect(harness.results('a').map(({ stage, exit }) => [stage, exit])).toEqual([
    [1, null],
    [1, 'load'],
  ]);
  expect(harness.committed()).toBe(1n);
});

it('with an engine that never answers, the drain leaves when its grace time is over: the frame stays uncommitted', async () => {
  const harness = await startHarness({
    costMs: (stage) => (stage === 1 ? 1 : 1e9),
    settings: { schedule: { maxBatch: 1, maxRunMs: 50 }, hang: { factor: 1e9, floorMs: 1e9 } },
  });
  harness.send(image(1, 30, 40, 50, 60), { ce_id: 'answered' });
  await harness.until(() => harness.runner.runs.some(({ stage }) => stage === 2));
  harness.send(image(1, 30, 40, 50, 60), { ce_id: 'waiting' });
  await harness.until(() => harness.pipeline.heldFrames === 2);
  const from = harness.clock.now();
  const drained = harness.pipeline.drain(3000);
  expect(await settles(harness, drained, 2900)).toBe('pending');
  expect(await settles(harness, drained, 200)).toBe('resolved');
  expect(harness.clock.now() - from).toBeLessThanOrEqual(3100);
  expect(harness.results('answered').at(-1)).toMatchObject({ stage: 1, final: true, exit: 'load' });
  expect(harness.results('waiting')).toEqual([]);
  expect(harness.committed()).toBe(1n);
  await expect(harness.runner.runStage(1, [])).rejects.toMatchObject({ code: 'stopped' });
});

it('a frame that ends with its earlier answer while it is decoded is no dead letter, though its decoding fails', async () => {
  const clock = new ManualClock();
  const budgets = new MemoryBudgetStore(clock);
  const answer = { stage: 2, answerStage: 2, label: 'dog', confidence: 0.5, top: [{ label: 'dog', confidence: 0.5 }] };
  const entry = { frameId: 'a', stage: 2, cost: 0.25, epoch: 1, exit: null };
  await budgets.record([{ ...entry, answer: formatRecorded({ answer, exit: null }) }]);
  let fail = () => {};
  const decoder: FrameDecoder = {
    decode: () =>
      new Promise((_, reject) => {
        fail = () => reject(new AnytimeError('bad-image', 'Expected an image, got noise'));
      }),
  };
  const record = budgets.record.bind(budgets);
  budgets.record = async (entries) => {
    fail();
    for (let turns = 0; turns < 10; turns++) await setImmediate();
    return await record(entries);
  };
  const harness = await startHarness({ clock, ports: { budgets, decoder } });
  harness.send(image(1, 50), { ce_id: 'a' });
  await harness.until(() => harness.pipeline.heldFrames === 1);
  await harness.until(() => harness.seen.some(({ type }) => type === 'taken'));
  const drained = harness.pipeline.drain(50);
  expect(await settles(harness, drained, 5000)).toBe('resolved');
  expect(harness.results('a')).toMatchObject([{ stage: 2, label: 'dog', final: true, exit: 'load' }]);
  expect([harness.deadLetters(), harness.committed()]).toEqual([0, 1n]);
});
