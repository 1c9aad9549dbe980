// Whole pipelines that share a topic and come, leave, die and lose their membership in random order while frames stream: every frame
// ends, no answer steps back, and where nobody died nothing is said twice.
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../../src/adapters/memory/budget-store.ts';
import { MemoryFrameSource } from '../../../src/adapters/memory/frame-source.ts';
import { MemoryLog } from '../../../src/adapters/memory/log.ts';
import { MemoryResultSink } from '../../../src/adapters/memory/result-sink.ts';
import { AnytimeError } from '../../../src/errors.ts';
import type { ResultSink } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { type Harness, image, startHarness } from '../../helpers/pipeline-harness.ts';
import { storeThrough } from '../../helpers/store-through.ts';

const PARTITIONS = 4;
const MOST_WORKERS = 4;
const AWAY_MS = 30;
const NEVER = new Promise<never>(() => {});

interface Said {
  readonly id: string;
  readonly stage: number;
  readonly final: boolean;
}
interface Worker {
  readonly harness: Harness;
  readonly source: MemoryFrameSource;
  isDead: boolean;
  /** Its results do not get through before then. */
  cutUntil: number;
}

class Fleet {
  readonly clock = new ManualClock();
  readonly log = new MemoryLog(this.clock);
  readonly store = new MemoryBudgetStore(this.clock);
  readonly said: Said[] = [];
  workers: Worker[] = [];
  sent = 0;
  #leaving: Promise<unknown>[] = [];
  readonly #away = new Set<Worker>();
  readonly #replyMs: readonly number[];
  #asked = 0;

  /** `replyMs`: how long the store's replies take, one call after another, over and over. */
  constructor(replyMs: readonly number[] = [0]) {
    this.#replyMs = replyMs;
    this.log.createTopic('frames', PARTITIONS);
  }

  /** What was asked is done at once, and known when the reply is there. */
  async #reply<T>(done: Promise<T>): Promise<T> {
    const ms = this.#replyMs[this.#asked++ % this.#replyMs.length] as number;
    if (ms > 0) await new Promise<void>((resolve) => this.clock.after(ms, resolve));
    return done;
  }

  async join(): Promise<void> {
    if (this.workers.length >= MOST_WORKERS) return;
    const source = new MemoryFrameSource({ log: this.log, topic: 'frames', groupId: 'workers' });
    const state = { isDead: false, cutUntil: 0 };
    const alive = <T>(call: () => Promise<T>): Promise<T> => (state.isDead ? NEVER : call());
    const { store, said } = this;
    const budgets = storeThrough(
      () => store,
      (call) => alive(() => this.#reply(call())),
    );
    const inner = new MemoryResultSink(this.log);
    const sink: ResultSink = {
      start: () => inner.start(),
      publish: (results) =>
        alive(async () => {
          if (this.clock.now() < state.cutUntil)
            throw new AnytimeError('broker-unavailable', 'cut off', { retriable: true });
          said.push(...results.map(({ value: { id, stage, final } }) => ({ id, stage, final })));
          await inner.publish(results);
        }),
      deadLetter: (letters) => alive(() => inner.deadLetter(letters)),
      stop: () => inner.stop(),
    };
    const harness = await startHarness({
      ...{ clock: this.clock, log: this.log, ports: { source, sink, budgets } },
      costMs: (stage, batch) => stage * batch,
    });
    this.workers.push(Object.assign(state, { harness, source }));
  }

  send(count: number, percents: readonly number[]): void {
    const [worker] = this.workers;
    for (let i = 0; i < count && worker !== undefined; i++) {
      worker.harness.send(image(this.sent % 3, ...percents), { ce_id: `f${this.sent}` });
      this.sent += 1;
    }
  }

  async go(ms: number): Promise<void> {
    for (let i = 0; i < ms; i++) {
      await setImmediate();
      this.clock.advance(1);
    }
  }

  /** It stops in the middle of everything, and the group finds out. */
  die(pick: number): void {
    const worker = this.#take(pick);
    if (worker === undefined) return;
    worker.isDead = true;
    this.log.group('workers').leave(worker.source);
  }

  drain(pick: number): void {
    const worker = this.#take(pick);
    if (worker !== undefined) this.#leaving.push(worker.harness.pipeline.drain(200));
  }

  abort(pick: number): void {
    const worker = this.#take(pick);
    if (worker !== undefined) this.#leaving.push(worker.harness.pipeline.abort());
  }

  /** The group gives it up, it does not know and goes on for a while; then it joins again. */
  loseMembership(pick: number): void {
    const worker = this.workers[pick % Math.max(1, this.workers.length)];
    if (worker === undefined || this.#away.has(worker)) return;
    const group = this.log.group('workers');
    group.leave(worker.source);
    this.#away.add(worker);
    this.clock.after(AWAY_MS, () => {
      this.#away.delete(worker);
      if (this.workers.includes(worker)) group.join(worker.source);
    });
  }

  cut(pick: number): void {
    const worker = this.workers[pick % Math.max(1, this.workers.length)];
    if (worker !== undefined) worker.cutUntil = this.clock.now() + 2 * AWAY_MS;
  }

  async end(): Promise<void> {
    if (this.workers.length === 0) await this.join();
    for (let i = 0; i < 400 && !this.isAllCommitted(); i++) await this.go(20);
    for (const { harness } of this.workers) this.#leaving.push(harness.pipeline.abort());
    await this.go(2000);
    await Promise.all(this.#leaving);
  }

  isAllCommitted(): boolean {
    return Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: 'frames', partition })).every((one) => {
      const end = this.log.endOffset(one);
      return end === 0n || this.log.group('workers').committed(one)?.offset === end;
    });
  }

  #take(pick: number): Worker | undefined {
    return this.workers.splice(pick % Math.max(1, this.workers.length), 1)[0];
  }
}

const percent = fc.integer({ min: 34, max: 99 });
type Action = { what: string; n?: number; p?: number[] };
const pick = (what: string) => fc.record({ what: fc.constant(what), n: fc.nat(3) });
const happenings = [
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('send'),
      n: fc.nat(12),
      p: fc.array(percent, { minLength: 4, maxLength: 4 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ what: fc.constant('go'), n: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('join') }) },
  { weight: 1, arbitrary: pick('drain') },
  { weight: 1, arbitrary: pick('die') },
];
const historyOf = (...more: { weight: number; arbitrary: fc.Arbitrary<Action> }[]): fc.Arbitrary<Action[]> =>
  fc.array(fc.oneof(...happenings, ...more), { minLength: 5, maxLength: 40, size: 'max' });

/** All of it happens, every frame ends, and no answer steps back. */
async function live(fleet: Fleet, history: readonly Action[]): Promise<void> {
  await fleet.join();
  for (const { what, n = 0, p = [] } of history) {
    if (what === 'send') fleet.send(n, p);
    else if (what === 'go') await fleet.go(n);
    else if (what === 'join') await fleet.join();
    else if (what === 'drain') fleet.drain(n);
    else if (what === 'abort') fleet.abort(n);
    else if (what === 'die') fleet.die(n);
    else if (what === 'cut') fleet.cut(n);
    else fleet.loseMembership(n);
  }
  await fleet.end();
  expect(fleet.isAllCommitted()).toBe(true);
  const highest = new Map<string, number>();
  for (const { id, stage } of fleet.said) {
    expect(stage, `${id} steps back`).toBeGreaterThanOrEqual(highest.get(id) ?? 0);
    highest.set(id, stage);
  }
  const ended = new Set(fleet.said.filter(({ final }) => final).map(({ id }) => id));
  expect(ended.size).toBe(fleet.sent);
}

it('whoever comes, leaves, dies or is given up: every frame ends, and no answer steps back', async () => {
  const history = historyOf({ weight: 2, arbitrary: pick('lose') }, { weight: 2, arbitrary: pick('cut') });
  await fc.assert(
    fc.asyncProperty(history, async (actions) => {
      const fleet = new Fleet();
      await live(fleet, actions);
      const hasDied = actions.some(({ what }) => what === 'die' || what === 'lose');
      const distinct = new Set(fleet.said.map((one) => JSON.stringify(one)));
      if (!hasDied) expect(distinct.size).toBe(fleet.said.length);
    }),
    { numRuns: 300, interruptAfterTimeLimit: 110_000, markInterruptAsFailure: true },
  );
}, 120_000);

// Who does not know that it was given up may publish what it recorded before: only here somebody always knows.
it('also where the store takes its time to reply, and workers come, leave, stop at once or die meanwhile', async () => {
  const replies = fc.array(fc.nat(45), { minLength: 1, maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(historyOf({ weight: 2, arbitrary: pick('abort') }), replies, async (actions, replyMs) =>
      live(new Fleet(replyMs), actions),
    ),
    { numRuns: 150, interruptAfterTimeLimit: 110_000, markInterruptAsFailure: true },
  );
}, 120_000);
