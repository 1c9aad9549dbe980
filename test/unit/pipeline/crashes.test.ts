// Whole workers that die: at a random call to Kafka or to the store, before it took effect or after it but before they knew, while
// others join and leave. One log, one store and one clock for all. Whatever happens, every frame ends, its stages never step back,
// what they have spent is not forgotten, nothing follows an end but that end again, and none comes again whose settlement was committed.
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../../src/adapters/memory/budget-store.ts';
import { MemoryFrameSource } from '../../../src/adapters/memory/frame-source.ts';
import { MemoryLog } from '../../../src/adapters/memory/log.ts';
import { MemoryResultSink } from '../../../src/adapters/memory/result-sink.ts';
import { decodeOffsetMap } from '../../../src/core/offset-map.ts';
import type { ResultValue } from '../../../src/core/result.ts';
import { AnytimeError } from '../../../src/errors.ts';
import type { BudgetStore, FrameSource, ResultSink } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { type Harness, image, startHarness } from '../../helpers/pipeline-harness.ts';
import { storeThrough } from '../../helpers/store-through.ts';

const PARTITIONS = 2;
const FAULTS = ['dies before it', 'dies after it', 'another joins', 'leaves'] as const;
const MOST_STEPS = 4000;

interface Fault {
  /** Calls of all workers that have been made before. */
  readonly at: number;
  readonly what: (typeof FAULTS)[number];
}

interface Worker {
  readonly source: MemoryFrameSource;
  isDead: boolean;
  harness: Harness | null;
}

const unanswered = () => new AnytimeError('broker-unavailable', 'No answer reaches the dead', { retriable: true });

class World {
  readonly clock = new ManualClock();
  readonly log = new MemoryLog(this.clock);
  readonly #store = new MemoryBudgetStore(this.clock);
  readonly #faults: Fault[];
  readonly #workers = new Set<Worker>();
  readonly #underWay = new Set<Promise<void>>();
  #calls = 0;
  /** Published of each frame, in order. */
  readonly published = new Map<string, ResultValue[]>();
  /** By what the store calls a frame: what it told last, and those that were recorded with a cost. */
  readonly #spent = new Map<string, number>();
  readonly #paid = new Set<string>();
  readonly problems: string[] = [];

  constructor(faults: readonly Fault[]) {
    this.#faults = [...faults].sort((a, b) => a.at - b.at);
    this.log.createTopic('frames', PARTITIONS);
  }

  commitOf(partition: number) {
    return this.log.group('workers').committed({ topic: 'frames', partition }) ?? { offset: 0n, metadata: null };
  }

  isAllCommitted(): boolean {
    const isDone = (partition: number) =>
      this.commitOf(partition).offset === this.log.endOffset({ topic: 'frames', partition });
    return Array.from({ length: PARTITIONS }, (_, partition) => partition).every(isDone);
  }

  /** Starts a worker whenever none is left. */
  async run(): Promise<void> {
    for (let step = 0; !this.isAllCommitted() && this.problems.length === 0; step++) {
      if (step === MOST_STEPS) throw new Error(`Expected all to be committed within ${MOST_STEPS} steps`);
      if (this.#workers.size === 0) this.#join();
      await setImmediate();
      this.clock.advance(1);
    }
  }

  async end(): Promise<void> {
    await this.#settled();
    for (const { harness } of this.#workers) if (harness !== null) this.#underWay.add(harness.pipeline.abort());
    await this.#settled();
  }

  /** Until all that starts or ends has done so, as far as the clock must go for it. */
  async #settled(): Promise<void> {
    let isSettled = false;
    const all = Promise.all(this.#underWay).finally(() => {
      isSettled = true;
    });
    for (let step = 0; !isSettled && step < MOST_STEPS; step++) {
      await setImmediate();
      this.clock.advance(1);
    }
    if (!isSettled) throw new Error('Expected workers to start and to end');
    await all;
  }

  #join(): void {
    const source = new MemoryFrameSource({ log: this.log, topic: 'frames', groupId: 'workers' });
    const worker: Worker = { source, isDead: false, harness: null };
    this.#workers.add(worker);
    const settings = { maxAttempts: 100, commitEveryMs: 5 };
    const { clock, log } = this;
    const starting = startHarness({ clock, log, settings, ports: this.#portsOf(worker) }).then((harness) => {
      worker.harness = harness;
      if (worker.isDead) this.#endLater(worker);
    });
    this.#underWay.add(starting);
  }

  #die(worker: Worker): void {
    worker.isDead = true;
    this.#workers.delete(worker);
    this.log.group('workers').leave(worker.source); // the broker gives it up
    this.#endLater(worker);
  }

  /** What it would still do reaches nobody; its timers end with it. */
  #endLater({ harness }: Worker): void {
    if (harness !== null) this.#underWay.add(harness.pipeline.abort());
  }

  /** The call happens or not, and is answered or not, as the faults have it. A dead worker's calls reach nobody. */
  async #call<T>(worker: Worker, act: () => Promise<T>): Promise<T> {
    if (worker.isDead) throw unanswered();
    this.#calls += 1;
    const fault = (this.#faults[0]?.at ?? this.#calls) < this.#calls ? this.#faults.shift() : undefined;
    if (fault?.what === 'another joins') this.#join();
    if (fault?.what === 'dies before it') this.#die(worker);
    if (worker.isDead) throw unanswered();
    const answer = await act();
    if (fault?.what === 'dies after it' && !worker.isDead) this.#die(worker);
    if (fault?.what === 'leaves' && worker.harness !== null) {
      this.#workers.delete(worker);
      this.#underWay.add(worker.harness.pipeline.drain(10));
    }
    if (worker.isDead) throw unanswered();
    return answer;
  }

  #portsOf(worker: Worker): { source: FrameSource; sink: ResultSink; budgets: BudgetStore } {
    const call = <T>(act: () => Promise<T>) => this.#call(worker, act);
    const sink = new MemoryResultSink(this.log);
    const { source } = worker;
    return {
      source: {
        start: (handlers) => source.start(handlers),
        pause: (partitions) => source.pause(partitions),
        resume: (partitions) => source.resume(partitions),
        stop: () => source.stop(),
        commit: (commits) => call(() => source.commit(commits)),
      },
      sink: {
        start: () => sink.start(),
        stop: () => sink.stop(),
        deadLetter: (letters) => call(() => sink.deadLetter(letters)),
        publish: (results) =>
          call(async () => {
            for (const { value } of results) this.#saw(value);
            await sink.publish(results);
          }),
      },
      budgets: {
        ...storeThrough(() => this.#store, call),
        begin: (...asked) =>
          call(async () => {
            const known = await this.#store.begin(...asked);
            for (const [i, id] of asked[0].entries()) this.#remembers(id, known[i]?.spent ?? 0);
            return known;
          }),
        record: (entries) =>
          call(async () => {
            for (const { frameId, cost } of entries) if (cost > 0) this.#paid.add(frameId);
            return await this.#store.record(entries);
          }),
      },
    };
  }

  #saw(value: ResultValue): void {
    const { id, stage, exit } = value;
    const seen = this.published.get(id) ?? [];
    const last = seen.at(-1);
    if (last && stage < last.stage) this.problems.push(`${id} stepped back from stage ${last.stage} to ${stage}`);
    if (last?.final && (exit !== last.exit || stage !== last.stage))
      this.problems.push(`${id} went on from its end (${last.exit}, stage ${last.stage}) to ${exit}, stage ${stage}`);
    if (this.#isTold(id)) this.problems.push(`${id} came again after its settlement was committed`);
    this.published.set(id, [...seen, value]);
  }

  /** What the store tells whoever begins with a frame: it counts each stage once, however often it was run. */
  #remembers(id: string, spent: number): void {
    const before = this.#spent.get(id) ?? 0;
    if (spent < before || (spent === 0 && this.#paid.has(id)))
      this.problems.push(`${id} has spent ${before}, and comes again with ${spent}`);
    this.#spent.set(id, spent);
  }

  #isTold(id: string): boolean {
    const [, partition = 0, number = 0] = id.split('-').map(Number);
    const { offset, metadata } = this.commitOf(partition);
    const at = BigInt(number);
    const { settled } = decodeOffsetMap(metadata, offset);
    return at < offset || settled.some(({ from, to }) => from <= at && at < to);
  }
}

const percent = fc.integer({ min: 40, max: 99 });
const frame = fc.tuple(fc.nat(2), percent, percent, percent, percent).map(([label, ...rest]) => image(label, ...rest));
const fault: fc.Arbitrary<Fault> = fc.record({ at: fc.nat(40), what: fc.constantFrom(...FAULTS) });

it('every frame ends, no stage steps back, nothing committed as settled comes again', async () => {
  const run = fc.record({
    frames: fc.array(frame, { minLength: 1, maxLength: 12, size: 'max' }),
    faults: fc.array(fault, { maxLength: 6, size: 'max' }),
  });
  await fc.assert(
    fc.asyncProperty(run, async ({ frames, faults }) => {
      const world = new World(faults);
      for (const value of frames) world.log.append('frames', { key: null, value, headers: {} });
      try {
        await world.run();
      } finally {
        await world.end();
      }
      expect(world.problems).toEqual([]);
      expect(world.published.size).toBe(frames.length);
      for (const [id, seen] of world.published)
        expect(
          seen.some(({ final }) => final),
          id,
        ).toBe(true);
    }),
    { numRuns: 2000, interruptAfterTimeLimit: 110_000, markInterruptAsFailure: true },
  );
}, 120_000);
