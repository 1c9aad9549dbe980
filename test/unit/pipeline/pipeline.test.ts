// The way of a frame, end to end on in-memory adapters: what comes out for what goes in, and what is committed when.
import { describe, expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../../src/adapters/memory/budget-store.ts';
import { AnytimeError } from '../../../src/errors.ts';
import type { ResultSink } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { type Harness, image, useHarnesses } from '../../helpers/pipeline-harness.ts';

const start = useHarnesses();
const finals = ({ results }: Harness) => results().filter(({ final }) => final);

describe('a frame', () => {
  it('gets a coarse answer, better ones after it, and one final; then its offset is committed', async () => {
    const harness = await start();
    harness.send(image(1, 40, 50, 60, 70), { ce_id: 'a' });
    await harness.until(() => harness.committed() === 1n);
    const stages = harness.results('a').map(({ stage, final, exit, label }) => ({ stage, final, exit, label }));
    expect(stages).toEqual([
      { stage: 1, final: false, exit: null, label: 'dog' },
      { stage: 2, final: false, exit: null, label: 'dog' },
      { stage: 3, final: false, exit: null, label: 'dog' },
      { stage: 4, final: true, exit: 'full-depth', label: 'dog' },
    ]);
    expect(harness.log.endOffset({ topic: 'frames.coarse', partition: 0 })).toBe(1n);
    expect(harness.results('a').at(-1)?.spent).toBeCloseTo(1, 9);
    expect(harness.runner.status().heldActivations).toBe(0);
    expect(harness.pipeline.heldFrames).toBe(0);
  });

  it.each([
    ['confident', {}, image(0, 40, 95), 2],
    ['budget', { budget: '0.3' }, image(0, 40, 50), 2],
    ['budget', { 'max-stage': '1' }, image(0, 40), 1],
    ['confident', { 'min-confidence': '0.4' }, image(0, 40), 1],
    ['full-depth', {}, image(0, 10, 10, 10, 10), 4],
  ])('exits as %s', async (exit, headers, value, stage) => {
    const harness = await start();
    harness.send(value, { ce_id: 'a', ...headers });
    await harness.until(() => finals(harness).length === 1);
    expect(finals(harness)[0]).toMatchObject({ exit, stage });
    expect(harness.results('a').map((result) => result.stage)).toEqual(Array.from({ length: stage }, (_, i) => i + 1));
  });

  it('leaves at the first exit that shows the confidence asked of that exit; its own header asks the same of all', async () => {
    const defaults = { deadlineMs: null, budget: 1, minConfidence: [0.9, 0.7, 0.4, 0] };
    const harness = await start({ settings: { defaults } });
    harness.send(image(0, 80, 60, 40, 30), { ce_id: 'bundle' });
    harness.send(image(0, 80, 60, 40, 30), { ce_id: 'own', 'min-confidence': '0.75' });
    await harness.until(() => finals(harness).length === 2);
    const ends = finals(harness).map(({ id, exit, stage }) => ({ id, exit, stage }));
    expect(ends).toContainEqual({ id: 'bundle', exit: 'confident', stage: 3 });
    expect(ends).toContainEqual({ id: 'own', exit: 'confident', stage: 1 });
  });

  it('ends at its deadline with the answer it has, repeated as final', async () => {
    const harness = await start({ costMs: (stage) => (stage === 1 ? 5 : 100) });
    harness.send(image(2, 40, 50), { ce_id: 'a', 'deadline-ms': '60' });
    await harness.until(() => finals(harness).length === 1);
    expect(harness.results('a').map(({ stage, exit }) => [stage, exit])).toEqual([[1, 'deadline']]);
  });

  it('expires without a label when it cannot make stage 1, or came too late', async () => {
    const harness = await start({ costMs: () => 100 });
    harness.send(image(0, 50), { ce_id: 'tight', 'deadline-ms': '50' });
    harness.send(image(0, 50), { ce_id: 'past', deadline: '1000' });
    await harness.until(() => finals(harness).length === 2);
    for (const id of ['tight', 'past'])
      expect(harness.results(id)).toMatchObject([{ exit: 'expired', label: null, stage: 0, final: true }]);
    expect(harness.runner.runs).toEqual([]);
    expect(harness.log.endOffset({ topic: 'frames.coarse', partition: 0 })).toBe(0n);
  });

  it('that is no image, is empty, or has a bad header is a dead letter and a rejected record; the others go on', async () => {
    const harness = await start();
    harness.send(image(99));
    harness.send(new Uint8Array());
    harness.send(null);
    harness.send(image(0, 95), { budget: 'fast' });
    harness.send(image(1, 95), { ce_id: 'good' });
    await harness.until(() => harness.committed() === 5n);
    expect(harness.deadLetters()).toBe(4);
    expect(finals(harness).filter(({ exit }) => exit === 'rejected')).toHaveLength(4);
    expect(harness.results('good')).toMatchObject([{ label: 'dog', final: true, exit: 'confident' }]);
  });

  it('with an id that was finished before is skipped and committed', async () => {
    const harness = await start();
    harness.send(image(0, 95), { ce_id: 'a' });
    await harness.until(() => finals(harness).length === 1);
    harness.send(image(0, 95), { ce_id: 'a' });
    await harness.until(() => harness.committed() === 2n);
    expect(harness.results('a')).toHaveLength(1);
    expect(harness.seen).toContainEqual({ type: 'skipped', id: 'a', why: 'already-final' });
  });

  it('without an id, in a topic made anew: another frame under an offset that was finished has answers of its own', async () => {
    const before = await start();
    before.send(image(0, 95));
    await before.until(() => before.committed() === 1n);
    before.clock.advance(1000);
    const harness = await start({ clock: before.clock, ports: { budgets: before.budgets } });
    harness.send(image(1, 95));
    await harness.until(() => harness.committed() === 1n);
    expect([before, harness].map((one) => one.results())).toMatchObject([
      [{ id: 'frames-0-0', label: 'cat', final: true }],
      [{ id: 'frames-0-0', label: 'dog', final: true }],
    ]);
  });
});

describe('load', () => {
  it('gives every frame a first answer before any is refined, and makes answers coarser instead of late', async () => {
    // 60 frames at once, 1 ms a stage run per frame, 100 ms: stage 1 fits for all, full depth does not.
    const harness = await start();
    for (let i = 0; i < 60; i++) harness.send(image(i % 3, 30, 40, 50, 60), { ce_id: `f${i}`, 'deadline-ms': '100' });
    await harness.until(() => finals(harness).length === 60);
    const exits = finals(harness).map(({ exit }) => exit);
    expect(exits).not.toContain('expired');
    expect(exits).toContain('deadline');
    const firstRefinement = harness.runner.runs.findIndex(({ stage }) => stage > 1);
    const firstAnswers = harness.runner.runs.slice(0, firstRefinement).reduce((sum, { batch }) => sum + batch, 0);
    expect(firstAnswers).toBe(60);
  });

  it('hands the next batch over before the present one ends, so that the engine never waits, and no earlier', async () => {
    const harness = await start({ costMs: () => 40, settings: { schedule: { maxBatch: 4, maxRunMs: 50 } } });
    for (let i = 0; i < 12; i++) harness.send(image(0, 30, 40, 50, 60));
    await harness.until(() => harness.runner.runs.length === 1);
    await harness.until(() => harness.runner.runs.length === 2);
    expect(harness.runner.status().busyMs).toBe(0);
    await harness.until(() => harness.runner.status().busyMs === 40);
    expect(harness.runner.runs).toHaveLength(2);
    await harness.until(() => harness.committed() === 12n, 20_000);
  });

  it('keeps no more than may be held: it pauses, ends the least gain as `load`, and goes on', async () => {
    const harness = await start({ settings: { credits: { maxFrames: 80, maxBytes: 1e9 } } });
    for (let i = 0; i < 400; i++) harness.send(image(0, 30, 40, 50, 60), { ce_id: `f${i}`, 'deadline-ms': '5000' });
    let most = 0;
    await harness.until(() => {
      most = Math.max(most, harness.pipeline.heldFrames);
      return harness.committed() === 400n;
    }, 20_000);
    expect(most).toBeLessThanOrEqual(80 + 64); // the mark and one fetch
    expect(finals(harness)).toHaveLength(400);
    expect(finals(harness).map(({ exit }) => exit)).toContain('load');
    expect(harness.seen.some(({ type }) => type === 'paused')).toBe(true);
  });

  it('never ends frames without a deadline for load: they wait their turn', async () => {
    const harness = await start({ settings: { credits: { maxFrames: 80, maxBytes: 1e9 } } });
    for (let i = 0; i < 200; i++) harness.send(image(0, 30, 40, 50, 60));
    await harness.until(() => harness.committed() === 200n, 20_000);
    expect(new Set(finals(harness).map(({ exit }) => exit))).toEqual(new Set(['full-depth']));
  });

  it('obeys the depth limit of the fleet within a load interval', async () => {
    const harness = await start();
    await harness.depths.setDepthLimit(2);
    await harness.until(() => harness.seen.some((event) => event.type === 'load' && event.depthLimit === 2));
    harness.send(image(0, 30, 40, 50, 60), { ce_id: 'a' });
    await harness.until(() => finals(harness).length === 1);
    expect(finals(harness)[0]).toMatchObject({ stage: 2, exit: 'load' });
    expect(await harness.depths.samples()).toMatchObject([{ workerId: 'w1' }]);
  });
});

describe('failures', () => {
  it('a crash of the engine costs no frame and no answer steps back', async () => {
    const harness = await start();
    for (let i = 0; i < 20; i++) harness.send(image(1, 30, 40, 50, 60), { ce_id: `f${i}`, budget: '3' });
    await harness.until(() => harness.runner.runs.some(({ stage }) => stage === 3));
    harness.runner.crash();
    await harness.until(() => harness.committed() === 20n);
    for (let i = 0; i < 20; i++) expect(harness.results(`f${i}`).map(({ stage }) => stage)).toEqual([1, 2, 3, 4]);
    expect(harness.seen.some(({ type }) => type === 'engine-restarted')).toBe(true);
    expect(harness.runner.status().heldActivations).toBe(0);
  });

  it('a frame whose runs fail again and again is a dead letter', async () => {
    const harness = await start();
    const runStage = harness.runner.runStage.bind(harness.runner);
    harness.runner.runStage = (stage, frames) => {
      if (frames.some(({ pixels }) => pixels?.[1] === 13)) harness.runner.failNext();
      return runStage(stage, frames);
    };
    harness.send(image(0, 13), { ce_id: 'poison' });
    await harness.until(() => harness.committed() === 1n);
    harness.send(image(0, 95), { ce_id: 'good' });
    await harness.until(() => harness.committed() === 2n);
    expect(harness.deadLetters()).toBe(1);
    expect(harness.results('poison')).toMatchObject([{ exit: 'rejected', final: true }]);
    expect(harness.results('good')).toMatchObject([{ exit: 'confident', final: true }]);
  });

  it('a frame whose budget bears no second run ends with the answer it had before the crash', async () => {
    const harness = await start({ costMs: (stage) => (stage < 3 ? 1 : 50) });
    harness.send(image(1, 30, 40, 50, 60), { ce_id: 'a' });
    await harness.until(() => harness.runner.runs.some(({ stage }) => stage === 4));
    harness.runner.crash();
    await harness.until(() => harness.committed() === 1n);
    expect(harness.results('a').map(({ stage, exit }) => [stage, exit])).toEqual([
      [1, null],
      [2, null],
      [3, null],
      [3, 'budget'],
    ]);
  });

  it('nothing is settled before its final record is acknowledged', async () => {
    const failing = { isAway: true };
    const harness = await start({ ports: { sink: flakySink(failing) } });
    harness.send(image(0, 95));
    await harness.until(() => harness.seen.some(({ type }) => type === 'retry'));
    expect(harness.committed()).toBeUndefined();
    expect(harness.pipeline.heldFrames).toBe(1);
    failing.isAway = false;
    await harness.until(() => harness.committed() === 1n);
    expect(harness.pipeline.heldFrames).toBe(0);
  });

  it('goes on without the budget store and marks what it publishes', async () => {
    const clock = new ManualClock();
    const store = new MemoryBudgetStore(clock);
    const away = async (): Promise<never> => {
      throw new AnytimeError('store-unavailable', 'no store', { retriable: true });
    };
    Object.assign(store, { begin: away, record: away, acknowledge: away });
    const harness = await start({ clock, ports: { budgets: store } });
    harness.send(image(0, 95), { ce_id: 'a' });
    await harness.until(() => harness.committed() === 1n);
    expect(harness.results('a')).toMatchObject([{ final: true, label: 'cat', degraded: ['budget-store'] }]);
  });
});

describe('another worker', () => {
  it('takes over after a loss: what was recorded is not published again at a lower stage', async () => {
    const clock = new ManualClock();
    const budgets = sharedStore(clock);
    const first = await start({ clock, ports: { budgets }, costMs: (stage) => (stage < 3 ? 1 : 1000) });
    first.send(image(1, 30, 40, 50, 60), { ce_id: 'a' });
    await first.until(() => first.results('a').length === 2);
    await first.pipeline.abort();
    expect(first.committed()).toBeUndefined();
    const second = await start({ clock, log: first.log, ports: { budgets } });
    await second.until(() => second.committed() === 1n);
    const stages = second.results('a').map(({ stage }) => stage);
    expect(stages.slice(0, 2)).toEqual([1, 2]);
    expect(stages.slice(2).every((stage) => stage >= 2)).toBe(true);
    expect(stages.at(-1)).toBeGreaterThanOrEqual(2);
    expect(finals(second)).toHaveLength(1);
  });

  it('sends a final record again that was recorded but not acknowledged', async () => {
    const clock = new ManualClock();
    const budgets = sharedStore(clock);
    const failing = { isAway: true };
    const first = await start({ clock, ports: { budgets, sink: flakySink(failing) } });
    first.send(image(1, 95), { ce_id: 'a' });
    await first.until(() => first.seen.some(({ type }) => type === 'retry'));
    await first.pipeline.abort();
    const second = await start({ clock, log: first.log, ports: { budgets } });
    await second.until(() => second.committed() === 1n);
    expect(second.results('a')).toMatchObject([{ stage: 1, label: 'dog', final: true, exit: 'confident' }]);
    expect(second.runner.runs).toEqual([]);
  });

  it('ends a frame whose time ran out meanwhile with the recorded answer', async () => {
    const clock = new ManualClock();
    const budgets = sharedStore(clock);
    const first = await start({ clock, ports: { budgets }, costMs: (stage) => (stage < 3 ? 1 : 1000) });
    first.send(image(1, 30, 40, 50, 60), { ce_id: 'a', 'deadline-ms': '3000' });
    await first.until(() => first.results('a').length === 2);
    await first.pipeline.abort();
    clock.advance(4000);
    const second = await start({ clock, log: first.log, ports: { budgets } });
    await second.until(() => second.committed() === 1n);
    expect(finals(second)).toMatchObject([{ id: 'a', stage: 2, label: 'dog', exit: 'deadline' }]);
  });
});

describe('stopping', () => {
  it('drains: what is admitted is finished, the rest stays uncommitted', async () => {
    const harness = await start();
    for (let i = 0; i < 10; i++) harness.send(image(0, 30, 40, 50, 60));
    await harness.until(() => harness.runner.runs.length > 0);
    let isDone = false;
    void harness.pipeline.drain(5000).then(() => {
      isDone = true;
    });
    await harness.until(() => isDone);
    expect(finals(harness)).toHaveLength(10);
    expect(harness.committed()).toBe(10n);
    await harness.pipeline.drain(5000);
  });

  it('out of grace, publishes best answers as final and leaves the unanswered to others', async () => {
    const harness = await start({
      costMs: (stage) => (stage === 1 ? 5 : 2000),
      settings: { schedule: { maxBatch: 2, maxRunMs: 50 } },
    });
    for (let i = 0; i < 6; i++) harness.send(image(0, 30, 40, 50, 60), { ce_id: `f${i}` });
    await harness.until(() => harness.runner.runs.some(({ stage }) => stage === 2));
    let isDone = false;
    void harness.pipeline.drain(100).then(() => {
      isDone = true;
    });
    await harness.until(() => isDone, 10_000);
    const ended = finals(harness);
    expect(ended.every(({ exit }) => exit === 'load')).toBe(true);
    expect(ended.length).toBeGreaterThanOrEqual(4);
    expect(Number(harness.committed() ?? 0n)).toBeLessThanOrEqual(6);
  });
});

/** A store that outlives the workers that use it, as Redis does. */
function sharedStore(clock: ManualClock): MemoryBudgetStore {
  const store = new MemoryBudgetStore(clock);
  store.stop = async () => {};
  return store;
}

/** A sink that refuses (retriable) while it is away. */
function flakySink(state: { isAway: boolean }): ResultSink {
  const send = async () => {
    if (state.isAway) throw new AnytimeError('broker-unavailable', 'no broker', { retriable: true });
  };
  return { start: async () => {}, publish: send, deadLetter: send, stop: async () => {} };
}
