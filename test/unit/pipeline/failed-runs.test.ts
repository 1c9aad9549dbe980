// A frame on which the engine fails must not take down those that happened to share its batch, or that ran behind it.
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../../src/adapters/memory/budget-store.ts';
import { MemoryFrameSource } from '../../../src/adapters/memory/frame-source.ts';
import { MemoryLog } from '../../../src/adapters/memory/log.ts';
import { AnytimeError } from '../../../src/errors.ts';
import type { FrameDecoder } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { image, startHarness } from '../../helpers/pipeline-harness.ts';

it.each(['fails', 'crashes', 'hangs'] as const)(
  'a frame on which the engine %s is refused alone, the others are answered',
  async (how) => {
    const harness = await startHarness({ costMs: (_, batch) => 10 + batch });
    const runStage = harness.runner.runStage.bind(harness.runner);
    let last: Promise<unknown> = Promise.resolve();
    const limits: (number | undefined)[] = [];
    harness.runner.runStage = (stage, frames, limitMs) => {
      limits.push(limitMs);
      const run = last.then(() => {
        if (frames.some(({ pixels }) => pixels?.[1] === 13)) {
          if (how === 'fails') harness.runner.failNext();
          else if (how === 'hangs') harness.runner.hangNext();
          else harness.runner.crash();
        }
        return runStage(stage, frames, limitMs);
      });
      last = run.catch(() => {});
      return run;
    };
    for (let i = 0; i < 8; i++) harness.send(i === 5 ? image(0, 13) : image(1, 95), { ce_id: `f${i}` });
    await harness.until(() => harness.committed() === 8n, 8000);
    const finals = harness.results().filter(({ final }) => final);
    expect(finals.filter(({ exit }) => exit === 'rejected').map(({ id }) => id)).toEqual(['f5']);
    expect(finals.filter(({ exit }) => exit === 'confident')).toHaveLength(7);
    expect(harness.deadLetters()).toBe(1);
    expect(harness.runner.status().heldActivations).toBe(0);
    expect(new Set(limits)).toEqual(new Set([1000]));
    await harness.pipeline.abort();
  },
);

it('a run has hung after so many times its expected time, where that is more than the floor', async () => {
  const harness = await startHarness({ costMs: () => 60 });
  const limits: (number | undefined)[] = [];
  const runStage = harness.runner.runStage.bind(harness.runner);
  harness.runner.runStage = (stage, frames, limitMs) => {
    limits.push(limitMs);
    return runStage(stage, frames, limitMs);
  };
  harness.send(image(1, 95));
  await harness.until(() => harness.committed() === 1n);
  expect(limits.map((limit) => Math.round(limit ?? 0))).toEqual([20 * 60]);
  await harness.pipeline.abort();
});

it('decodes that hang end the worker, and their frames stay for another', async () => {
  const decoder: FrameDecoder = {
    decode: async () => {
      throw new AnytimeError('decoder-hung', 'Expected decodes to end');
    },
  };
  const harness = await startHarness({ ports: { decoder } });
  for (let i = 0; i < 3; i++) harness.send(image(1, 95));
  await harness.until(() => harness.seen.some(({ type }) => type === 'failed'));
  await expect(harness.pipeline.broken).rejects.toMatchObject({ code: 'decoder-hung' });
  await harness.pipeline.abort();
  expect(harness.seen.filter(({ type }) => type === 'failed')).toHaveLength(1);
  expect([harness.deadLetters(), harness.results(), harness.committed()]).toEqual([0, [], undefined]);
});

it('a crash rejects all that is under way; each deadly frame is found, with another one behind it', async () => {
  const harness = await startHarness({ costMs: (_, batch) => batch / 8 });
  const runStage = harness.runner.runStage.bind(harness.runner);
  const underWay: { run: () => ReturnType<typeof runStage>; isDeadly: boolean; reject: (error: Error) => void }[] = [];
  const next = async (): Promise<void> => {
    await setImmediate();
    if (underWay[0]?.isDeadly) {
      const error = new AnytimeError('engine-crashed', 'The thread ended', { retriable: true });
      for (const { reject } of underWay.splice(0)) reject(error);
    } else await underWay[0]?.run().finally(() => underWay.shift());
    if (underWay.length > 0) void next();
  };
  harness.runner.runStage = (stage, frames, limitMs) =>
    new Promise((resolve, reject) => {
      const run = () => {
        const result = runStage(stage, frames, limitMs);
        result.then(resolve, reject);
        return result;
      };
      const isDeadly = frames.some(({ pixels }) => pixels?.[1] === 13);
      if (underWay.push({ run, isDeadly, reject }) === 1) void next();
    });
  const deadly = [3, 17];
  for (let i = 0; i < 24; i++) harness.send(deadly.includes(i) ? image(0, 13) : image(1, 95), { ce_id: `f${i}` });
  await harness.until(() => harness.committed() === 24n);
  const rejected = harness.results().filter(({ exit }) => exit === 'rejected');
  expect(rejected.map(({ id }) => id).sort()).toEqual(['f17', 'f3']);
  expect(harness.results().filter(({ exit }) => exit === 'confident')).toHaveLength(22);
  await harness.pipeline.abort();
});

it('a frame that crashes the engine is not let off by rebalances: what earlier attempts came to counts with it', async () => {
  const log = new MemoryLog(new ManualClock());
  const harness = await startHarness({ log });
  const rebalance = async () => {
    const other = new MemoryFrameSource({ log, topic: 'frames', groupId: 'workers' });
    await other.start({ assigned: () => {}, revoked: () => {}, records: () => {}, failed: () => {} });
    await other.stop();
  };
  const runStage = harness.runner.runStage.bind(harness.runner);
  let crashes = 0;
  let last: Promise<unknown> = Promise.resolve();
  harness.runner.runStage = (stage, frames, limitMs) => {
    const run = last.then(async () => {
      if (frames.some(({ pixels }) => pixels?.[1] === 13)) {
        crashes += 1;
        // Each attempt is cut short in its second crash: it never fails three times.
        if (crashes % 2 === 0) await rebalance();
        harness.runner.crash();
      }
      return await runStage(stage, frames, limitMs);
    });
    last = run.catch(() => {});
    return run;
  };
  for (let i = 0; i < 4; i++) harness.send(i === 1 ? image(0, 13) : image(1, 95), { ce_id: `f${i}` });
  await harness.until(() => harness.committed() === 4n);
  expect(crashes).toBeLessThanOrEqual(4);
  const finals = harness.results().filter(({ final }) => final);
  expect(new Set(finals.map(({ id }) => id)).size).toBe(4);
  expect(new Set(finals.filter(({ exit }) => exit === 'rejected').map(({ id }) => id))).toEqual(new Set(['f1']));
  expect(harness.deadLetters()).toBe(1);
  await harness.pipeline.abort();
});

it.each([
  { maxFailedRuns: 3, maxAttempts: 10, begun: 4 },
  { maxFailedRuns: 2, maxAttempts: 3, begun: 3 },
  { maxFailedRuns: 1, maxAttempts: 3, begun: 2 },
])('a suspect has nothing to do with the crash of another frame: %o', async ({ begun, ...settings }) => {
  const store = new MemoryBudgetStore(new ManualClock());
  const answer = JSON.stringify({ answer: { stage: 2, label: 'owl', confidence: 0.3, top: [] }, exit: null });
  const entry = { frameId: 'good', stage: 2, cost: 0.1, epoch: 1, exit: null, answer };
  await store.record([entry]);
  await store.acknowledge([{ ...entry, isFinal: false }]);
  for (let i = 0; i < begun; i++) await store.begin(['good'], 3_600_000);
  const harness = await startHarness({ costMs: () => 4, ports: { budgets: store }, settings });
  harness.send(image(1, 30, 40, 95, 95, 7), { ce_id: 'good', budget: '9' });
  await harness.until(() => harness.runner.runs.length === 1);
  const runStage = harness.runner.runStage.bind(harness.runner);
  let hasCrashed = false;
  harness.runner.runStage = (stage, frames, ...more) => {
    const run = runStage(stage, frames, ...more);
    if (!hasCrashed && frames.some(({ pixels }) => pixels?.[1] === 13)) {
      hasCrashed = true;
      harness.clock.after(5, () => harness.runner.crash()); // the run of the good frame before it is over
    }
    return run;
  };
  harness.send(image(1, 13, 40, 50, 60), { ce_id: 'deadly', budget: '9' });
  await harness.until(() => harness.committed() === 2n, 20_000);
  expect(hasCrashed).toBe(true);
  expect(harness.results('good').map(({ exit }) => exit)).not.toContain('rejected');
  await harness.pipeline.abort();
});

it('an engine that cannot start again takes nobody with it: what it never began is blamed on no frame', async () => {
  const clock = new ManualClock();
  const budgets = new MemoryBudgetStore(clock);
  const stop = budgets.stop.bind(budgets);
  budgets.stop = async () => {}; // another worker uses it after this one
  const harness = await startHarness({ clock, ports: { budgets } });
  let restarts = 0;
  harness.runner.runStage = async () => {
    restarts += 1;
    if (restarts <= 8) throw new AnytimeError('engine-restarted', 'weights.bin is gone', { retriable: true });
    throw new AnytimeError('stopped', 'The stage runner does not run');
  };
  const ids = Array.from({ length: 8 }, (_, i) => `f${i}`);
  for (const id of ids) harness.send(image(1, 95), { ce_id: id });
  await harness.until(() => harness.seen.some(({ type }) => type === 'failed'), 2000);
  await expect(harness.pipeline.broken).rejects.toMatchObject({ code: 'stopped' });
  await harness.pipeline.abort();
  expect(restarts).toBeGreaterThan(8);
  expect([harness.deadLetters(), harness.results()]).toEqual([0, []]);
  const known = await budgets.begin(ids, 60_000, 0);
  expect(known.map(({ attempts }) => attempts)).toEqual(ids.map(() => 1));
  await stop();
});

it.each([
  ['waits', 50],
  ['runs', 5],
])(
  'activations of an earlier thread: all begin again at stage 1, and what a new thread had of a frame that %s is let go',
  async (how, costMs) => {
    const harness = await startHarness({ costMs: (stage) => (stage === 1 ? 5 : costMs) });
    const runStage = harness.runner.runStage.bind(harness.runner);
    const patient = image(0, 30, 40, 50, 60);
    const refusals: (() => void)[] = [];
    harness.runner.runStage = (stage, frames, limitMs) => {
      if (stage === 1 || refusals.length > 0) return runStage(stage, frames, limitMs);
      const error = new AnytimeError('engine-restarted', 'These activations went', { retriable: true });
      return new Promise((_, reject) => {
        refusals.push(() => reject(error));
      });
    };
    harness.send(patient, { ce_id: 'first', budget: '9' });
    await harness.until(() => refusals.length > 0);
    harness.send(patient, { ce_id: 'second', budget: '9' });
    await harness.until(() => harness.results('second').length === 1);
    const runsAgain = () => harness.runner.runs.some(({ stage }) => stage === 2);
    if (how === 'runs') await harness.until(runsAgain);
    expect(runsAgain()).toBe(how === 'runs');
    expect(harness.runner.status().heldActivations).toBe(2);
    refusals[0]?.();
    await harness.until(() => harness.committed() === 2n, 8000);
    expect(harness.deadLetters()).toBe(0);
    for (const id of ['first', 'second']) expect(harness.results(id).map(({ stage }) => stage)).toEqual([1, 2, 3, 4]);
    const reasons = harness.seen.flatMap((event) => (event.type === 'engine-restarted' ? event.reason : []));
    expect(reasons).toEqual(['These activations went']);
    expect(harness.runner.status().heldActivations).toBe(0);
    await harness.pipeline.abort();
  },
);
