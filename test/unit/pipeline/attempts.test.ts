// Work that was begun and came to nothing is counted over the deaths of workers: what kills them is isolated, what they gave back is not.
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../../src/adapters/memory/budget-store.ts';
import { MemoryFrameSource } from '../../../src/adapters/memory/frame-source.ts';
import { MemoryLog } from '../../../src/adapters/memory/log.ts';
import type { FrameDecoder } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { type Harness, image, startHarness } from '../../helpers/pipeline-harness.ts';
import { storeThrough } from '../../helpers/store-through.ts';

const POISON = 13;
const NEVER = new Promise<never>(() => {});
const isPoison = (bytes: Uint8Array | null) => bytes?.[1] === POISON;

/** What kills a worker: a frame's decode, its first stage, its third after a while, or its third before what came before is recorded. */
type Deadly = 'decode' | 'run' | 'refinement' | 'refinement-at-once';

/** Workers that come one after another on the same log and store, each until something kills it. */
function fleet(killsIn: Deadly | 'nothing', settings: { maxAttempts?: number } = {}) {
  const log = new MemoryLog(new ManualClock());
  const store = new MemoryBudgetStore(new ManualClock());
  const worker = async () => {
    let isDead = false;
    const die = () => {
      isDead = true;
      return NEVER;
    };
    const alive = <T>(call: () => Promise<T>) => (isDead ? NEVER : call());
    const budgets = storeThrough(() => store, alive);
    const decoder: FrameDecoder = {
      decode: async (bytes) => (killsIn === 'decode' && isPoison(bytes) ? die() : new Uint8Array(bytes)),
    };
    const harness = await startHarness({ log, ports: { budgets, decoder }, settings });
    const runStage = harness.runner.runStage.bind(harness.runner);
    const held = new Map<number, Uint8Array | null>();
    harness.runner.runStage = async (stage, frames) => {
      const isDeadly = frames.some(({ handle, pixels }) =>
        isPoison(handle === null ? pixels : (held.get(handle) ?? null)),
      );
      const isTime = killsIn === 'run' ? stage === 1 : killsIn.startsWith('refinement') && stage === 3;
      if (isDeadly && isTime) {
        if (killsIn === 'refinement') await new Promise<void>((resolve) => harness.clock.after(20, resolve));
        return die();
      }
      const run = await runStage(stage, frames);
      for (const [i, { pixels }] of frames.entries()) if (pixels) held.set(run.outputs[i]?.handle ?? -1, pixels);
      return run;
    };
    const publish = harness.sink.publish.bind(harness.sink);
    Object.assign(harness.sink, { publish: (...asked: Parameters<typeof publish>) => alive(() => publish(...asked)) });
    const commit = harness.source.commit.bind(harness.source);
    Object.assign(harness.source, { commit: (...asked: Parameters<typeof commit>) => alive(() => commit(...asked)) });
    return { ...harness, results: harness.results, isDead: () => isDead };
  };
  return { log, store, worker };
}

/** Workers until all frames are committed; how many of them died. */
async function workUntilCommitted(worker: () => Promise<Harness & { isDead(): boolean }>, frames: bigint) {
  for (let deaths = 0; deaths < 20; deaths++) {
    const harness = await worker();
    await harness.until(() => harness.isDead() || harness.committed() === frames);
    if (!harness.isDead()) return { harness, deaths };
    await harness.source.stop(); // as the group notices it
  }
  throw new Error('Expected the frames to be committed after fewer deaths');
}

describe.each([
  ['decode', 4], // once among others, three times alone
  ['run', 4],
  ['refinement', 5], // its first two stages brought it further
  ['refinement-at-once', 7], // and the second more than once, for the record of it is lost with the first workers
] as const)('a frame that kills its worker in its %s', (where, killed) => {
  it('becomes a dead letter after three attempts on it alone, and no other frame does', async () => {
    const { worker } = fleet(where);
    const first = await worker();
    const poison = where.startsWith('refinement') ? image(0, POISON, 20, 30, 40) : image(0, POISON);
    for (let i = 0; i < 12; i++) first.send(i === 5 ? poison : image(1, 95), { ce_id: `f${i}` });
    await first.until(first.isDead);
    await first.source.stop();
    const { harness, deaths } = await workUntilCommitted(worker, 12n);
    expect(deaths + 1).toBe(killed);
    expect(harness.deadLetters()).toBe(1);
    const finals = harness.results().filter(({ final }) => final);
    expect(finals.filter(({ exit }) => exit === 'rejected').map(({ id }) => id)).toEqual(['f5']);
    expect(finals.filter(({ exit }) => exit === 'confident')).toHaveLength(11);
    expect(harness.seen).toContainEqual(
      expect.objectContaining({
        type: 'dead-lettered',
        id: 'f5',
        step: 'attempts',
        reason: expect.stringMatching(/3 attempts/),
      }),
    );
    await harness.pipeline.abort();
  });
});

it('several deadly frames in one batch end, each alone, and the good ones among them are answered', async () => {
  const { worker } = fleet('run');
  const first = await worker();
  const deadly = [1, 2, 6];
  for (let i = 0; i < 8; i++) first.send(deadly.includes(i) ? image(0, POISON) : image(1, 95), { ce_id: `f${i}` });
  await first.until(first.isDead);
  await first.source.stop();
  const { harness } = await workUntilCommitted(worker, 8n);
  const finals = harness.results().filter(({ final }) => final);
  const rejected = finals.filter(({ exit }) => exit === 'rejected').map(({ id }) => id);
  expect([...new Set(rejected)].sort()).toEqual(['f1', 'f2', 'f6']); // an end may be told again after a death
  expect(new Set(finals.map(({ id }) => id)).size).toBe(8);
  await harness.pipeline.abort();
});

it.each(['drain', 'abort', 'revoke'] as const)('a %s gives frames back uncounted, however often', async (how) => {
  const { worker, store, log } = fleet('nothing');
  for (let turn = 0; turn < 5; turn++) {
    const harness = await worker();
    if (turn === 0) harness.send(image(1, 95), { ce_id: 'a' });
    harness.runner.runStage = () => NEVER; // slow, not deadly
    await harness.until(() => harness.seen.some(({ type }) => type === 'taken'));
    for (let i = 0; i < 5; i++) await setImmediate();
    expect((await store.begin(['a'], 60_000, 0))[0]?.attempts).toBe(2);
    const leave = { drain: () => harness.pipeline.drain(0), abort: () => harness.pipeline.abort() };
    if (how === 'revoke') {
      const other = new MemoryFrameSource({ log, topic: 'frames', groupId: 'workers' });
      // The group has lost it for a while: another member has the partition when it comes back.
      const group = log.group('workers');
      const own = harness.source as MemoryFrameSource;
      group.leave(own);
      await other.start({ assigned: () => {}, revoked: () => {}, records: () => {}, failed: () => {} });
      group.join(own);
      await harness.until(() => harness.seen.some(({ type }) => type === 'revoked'));
      await harness.source.stop();
      await other.stop();
    } else {
      let isOver = false;
      void leave[how]().finally(() => {
        isOver = true;
      });
      await harness.until(() => isOver, 5000);
    }
    expect((await store.begin(['a'], 60_000, 0))[0]?.attempts).toBe(1);
  }
  const { harness, deaths } = await workUntilCommitted(worker, 1n);
  expect(deaths).toBe(0);
  expect(harness.results('a').map(({ exit }) => exit)).toEqual(['confident']);
  expect(harness.deadLetters()).toBe(0);
  await harness.pipeline.abort();
});

it('a worker that ends because its engine gave up leaves the frame that did it counted, the others not', async () => {
  const store = new MemoryBudgetStore(new ManualClock());
  const harness = await startHarness({ costMs: () => 5000, ports: { budgets: storeThrough(() => store) } });
  harness.send(image(0, 95), { ce_id: 'bad' });
  await harness.until(() => harness.runner.runs.length === 1);
  harness.send(image(1, 95), { ce_id: 'good' });
  await harness.until(() => harness.seen.filter(({ type }) => type === 'taken').length === 2);
  harness.runner.giveUp();
  await expect(harness.pipeline.broken).rejects.toMatchObject({ code: 'stopped' });
  await harness.pipeline.abort();
  const [bad, good] = await store.begin(['bad', 'good'], 60_000, 0);
  expect([bad?.attempts, good?.attempts]).toEqual([2, 1]);
});

it('a suspect is counted while it is decoded or run, not while it waits: what kills its worker then is not its doing', async () => {
  const store = new MemoryBudgetStore(new ManualClock());
  const counts: [at: string, attempts: number | undefined][] = [];
  const note = async (at: string) => {
    const [known] = await store.begin(['suspect'], 60_000, 0);
    counts.push([at, known && known.attempts - 1]);
  };
  await store.begin(['suspect'], 60_000);
  const entry = { frameId: 'suspect', stage: 2, cost: 0.5, epoch: 1, exit: null, answer: null };
  const answer = JSON.stringify({ answer: { stage: 2, label: 'owl', confidence: 0.3, top: [] }, exit: null });
  await store.record([{ ...entry, answer }]);
  await store.begin(['suspect'], 60_000); // once in vain since then
  const decoder: FrameDecoder = {
    async decode(bytes) {
      if (bytes[0] === 2) await note('decode');
      return new Uint8Array(bytes);
    },
  };
  const harness = await startHarness({ ports: { budgets: storeThrough(() => store), decoder } });
  const runStage = harness.runner.runStage.bind(harness.runner);
  let held = -1;
  harness.runner.runStage = async (stage, frames, ...more) => {
    const isSuspects = frames.some(({ handle, pixels }) => handle === held || pixels?.[0] === 2);
    await note(isSuspects ? `run ${stage} of ${frames.length}` : 'others');
    const run = await runStage(stage, frames, ...more);
    if (isSuspects) held = run.outputs[0]?.handle ?? -1;
    return run;
  };
  // urgent ones keep it from being refined for a while
  harness.send(image(2, 30, 30, 95), { ce_id: 'suspect' });
  for (let i = 0; i < 40; i++) harness.send(image(1, 50, 95), { ce_id: `f${i}` });
  await harness.until(() => harness.committed() === 41n);
  expect(counts.filter(([at]) => at !== 'others')).toEqual([
    ['decode', 2],
    ['run 1 of 1', 2],
    ['run 2 of 1', 2],
    ['run 3 of 1', 2],
  ]);
  const meanwhile = counts.slice(counts.findIndex(([at]) => at.startsWith('run 1')) + 1);
  expect(meanwhile).toContainEqual(['others', 1]);
  expect((await store.begin(['suspect'], 60_000, 0))[0]?.attempts).toBe(1); // its record made it begin anew
  expect(harness.results('suspect').at(-1)).toMatchObject({ exit: 'confident', stage: 3 });
  await harness.pipeline.abort();
});
