// Ledger, offset map and epochs against a model of the broker: thousands of random interleavings of three workers that read, finish,
// commit, lose acknowledgements, are rebalanced before they know of it, and die; after every single step all of them might die.
// Nothing may be lost, and nothing may be run again by the partition's owner whose settlement the broker keeps.
import fc from 'fast-check';
import { it } from 'vitest';
import type { Commit, FrameRecord } from '../../../src/core/frame-record.ts';
import { decodeOffsetMap } from '../../../src/core/offset-map.ts';
import { Partitions } from '../../../src/pipeline/partitions.ts';
import { frameRecord } from '../../helpers/records.ts';

const STEPS = ['read', 'finish', 'send', 'land', 'acknowledge', 'assign', 'revoke', 'die'] as const;
const WORKERS = 3;
/** Bytes in which every map of so short a log fits. */
const AMPLE = 3500;
const PARTITION = { topic: 'frames', partition: 0 };
const RECORD = frameRecord(PARTITION);

interface Step {
  readonly what: (typeof STEPS)[number];
  /** Index of a worker; beyond the last: the owner. */
  readonly worker: number;
  readonly pick: number;
}

/** Like expect, for the innermost loop: it is asked some millions of times. */
function hold(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`Expected that ${what}`);
}

type BrokerCommit = Pick<Commit, 'offset' | 'metadata'> | null;

class Worker {
  readonly partitions: Partitions;
  epoch = 0;
  /** The first epoch of which work still counts: it owned the partition ever since. */
  since = 0;
  isAssigned = false;
  /** Generation of the group it believes to be in. */
  generation = 0;
  /** Index into the log of what it reads next. */
  position = 0;
  /** The first that it read under its epoch. */
  startedAt = 0;
  /** Being worked on, of whatever epoch: what an older one began may still end. */
  inHand: FrameRecord[] = [];
  /** Sent and not acknowledged: one request at a time, sent again until it is. */
  sent: readonly Commit[] | null = null;
  /** What the broker took of it. */
  landed: readonly Commit[] = [];
  /** What the broker may have, as far as it can know: what it was assigned with or told, and what it sent since. */
  known: readonly BrokerCommit[] = [];

  constructor(maxMapBytes: number) {
    this.partitions = new Partitions(maxMapBytes);
  }
}

class World {
  readonly #log: readonly bigint[];
  readonly #maxMapBytes: number;
  readonly #workers: Worker[];
  /** Frames whose final record is acknowledged, whoever ran them. */
  readonly #finished = new Set<bigint>();
  #committed: BrokerCommit = null;
  #checked: BrokerCommit = null;
  #generation = 0;
  #owner: Worker | null = null;
  /** What the broker's commit says is settled. */
  #told = new Set<bigint>();

  constructor(log: readonly bigint[], maxMapBytes: number) {
    this.#log = log;
    this.#maxMapBytes = maxMapBytes;
    this.#workers = Array.from({ length: WORKERS }, () => new Worker(maxMapBytes));
  }

  take({ what, worker: index, pick }: Step): void {
    const owner = this.#owner ?? this.#workers[0];
    const worker = (this.#workers[index] ?? owner) as Worker;
    if (what === 'read') this.#read(worker, pick);
    else if (what === 'finish') this.#finish(worker, pick);
    else if (what === 'send') this.#send(worker);
    else if (what === 'land') this.#land(worker);
    else if (what === 'acknowledge') this.#acknowledge(worker, pick);
    else if (what === 'assign') this.#assign(worker);
    else if (what === 'revoke') this.#revoke(worker);
    else this.#die(worker);
    // Were all to die now, all that is left is the broker's commit: what holds of it holds until the next one.
    if (this.#committed === this.#checked) return;
    this.#checked = this.#committed;
    this.#checkBroker();
    this.#checkIfAllDied();
  }

  /** Left alone, the owner brings everything to its end, with a retry of what it has sent and one more commit. */
  end(): void {
    if (this.#owner === null || !this.#owner.isAssigned) this.#assign(this.#workers[0] as Worker);
    const owner = this.#owner as unknown as Worker;
    while (owner.position < this.#log.length) this.#read(owner, 1);
    while (owner.inHand.length > 0) this.#finish(owner, 0);
    for (let commits = 0; commits < 2; commits++) {
      this.take({ what: 'send', worker: WORKERS, pick: 0 });
      this.take({ what: 'acknowledge', worker: WORKERS, pick: 0 });
    }
    hold(this.#committed?.offset === this.#end, `${this.#end} is committed in the end, got ${this.#committed?.offset}`);
    hold(this.#committed?.metadata === '', 'no map is left in the end');
  }

  get #end(): bigint {
    return (this.#log.at(-1) ?? -1n) + 1n;
  }

  /** The owner, or one that was and does not know of its successor yet, goes on reading. */
  #read(worker: Worker, pick: number): void {
    if (worker.epoch === 0) return;
    if (pick % 5 === 0) worker.position = Math.max(worker.startedAt, worker.position - (pick % 4)); // some come again
    for (const offset of this.#log.slice(worker.position, worker.position + 1 + (pick % 6))) {
      worker.position += 1;
      const record = { ...RECORD, offset, epoch: worker.epoch };
      const taken = worker.partitions.take(record);
      if (taken === 'settled') hold(this.#finished.has(offset), `${offset} is settled, it was skipped`);
      if (taken !== 'new') continue;
      worker.inHand.push(record);
      if (worker === this.#owner) hold(!this.#told.has(offset), `${offset} is run once, its settlement was committed`);
    }
  }

  #finish(worker: Worker, pick: number): void {
    const [record] = worker.inHand.splice(pick % Math.max(1, worker.inHand.length), 1);
    if (record === undefined) return;
    const again = worker.partitions.take(record);
    hold(
      again === (this.#isCurrent(worker, record) ? 'again' : 'stale'),
      `${record.offset} is not taken twice, got ${again}`,
    );
    this.#finished.add(record.offset);
    worker.partitions.settle(record);
  }

  #isCurrent(worker: Worker, record: FrameRecord): boolean {
    return worker.isAssigned && worker.since <= record.epoch;
  }

  #send(worker: Worker): void {
    if (worker.sent !== null) return;
    worker.sent = worker.partitions.offer();
    if (worker.sent[0]) worker.known = [...worker.known.slice(0, 1), worker.sent[0]];
  }

  /** The source drops commits of an older epoch, the broker those of an older generation. The request may land twice. */
  #land(worker: Worker): void {
    for (const commit of worker.sent ?? []) {
      if (commit.epoch !== worker.epoch || worker.generation !== this.#generation || worker !== this.#owner) continue;
      hold(commit.offset >= (this.#committed?.offset ?? 0n), 'commits go up only');
      this.#committed = commit;
      worker.landed = [commit];
    }
  }

  /** Only a commit that has landed, or was dropped, is acknowledged. */
  #acknowledge(worker: Worker, pick: number): void {
    if (worker.sent === null) return;
    if (pick % 2 === 0) this.#land(worker);
    else if (worker.sent.some(({ offset }) => offset !== this.#committed?.offset)) return;
    else if (worker.sent.some(({ metadata }) => metadata !== this.#committed?.metadata)) return;
    if (worker.partitions.committed(worker.landed).length > 0) worker.known = worker.landed;
    worker.sent = null;
    worker.landed = [];
  }

  #assign(worker: Worker): void {
    this.#owner = worker;
    this.#generation += 1;
    worker.generation = this.#generation;
    worker.epoch += 1;
    const { offset = null, metadata = null } = this.#committed ?? {};
    // It had the partition all the time, as far as it knows, and the broker's commit does not say otherwise.
    const isOurs = (one: BrokerCommit) =>
      one?.offset === this.#committed?.offset && one?.metadata === this.#committed?.metadata;
    if (!worker.isAssigned || !worker.known.some(isOurs)) worker.since = worker.epoch;
    worker.isAssigned = true;
    worker.known = [this.#committed];
    worker.partitions.assign({ ...PARTITION, epoch: worker.epoch, committed: offset, metadata, problem: null });
    worker.startedAt = this.#log.filter((one) => one < (offset ?? 0n)).length;
    worker.position = worker.startedAt;
  }

  #revoke(worker: Worker): void {
    worker.partitions.revoke(PARTITION);
    worker.isAssigned = false;
  }

  #die(worker: Worker): void {
    this.#workers[this.#workers.indexOf(worker)] = new Worker(this.#maxMapBytes);
    if (worker === this.#owner) this.#owner = null;
  }

  /** Nothing is lost: what the broker's commit calls settled is finished. */
  #checkBroker(): void {
    const { offset, metadata } = this.#committed ?? { offset: 0n, metadata: null };
    const { settled, problem } = decodeOffsetMap(metadata, offset);
    hold(problem === null, `the map is believed: ${problem}`);
    hold((metadata ?? '').length <= this.#maxMapBytes, 'the map keeps its bound');
    const isTold = (one: bigint) => one < offset || settled.some(({ from, to }) => from <= one && one < to);
    const before = this.#told;
    this.#told = new Set(this.#log.filter(isTold));
    for (const one of this.#told) hold(this.#finished.has(one), `${one} is finished, the broker's commit says so`);
    // A map that has room for all never takes back what it told.
    if (this.#maxMapBytes === AMPLE) for (const one of before) hold(this.#told.has(one), `${one} stays told`);
  }

  /** A worker that knows nothing but the broker's commit runs all the rest, nothing else, and ends with everything committable. */
  #checkIfAllDied(): void {
    const successor = new Partitions(this.#maxMapBytes);
    const { offset = null, metadata = null } = this.#committed ?? {};
    successor.assign({ ...PARTITION, epoch: 1, committed: offset, metadata, problem: null });
    const left = this.#log.filter((one) => one >= (offset ?? 0n));
    const records = left.map((offset) => ({ ...RECORD, offset, epoch: 1 }));
    const run = records.filter((record) => successor.take(record) === 'new');
    const rest = left.filter((one) => !this.#told.has(one));
    hold(String(run.map((record) => record.offset)) === String(rest), `${rest} are run, got ${run.length} frames`);
    for (const record of run) successor.settle(record);
    const [commit] = successor.offer();
    hold(run.length === 0 || commit?.offset === this.#end, `${this.#end} is committable, got ${commit?.offset}`);
  }
}

const log = fc
  .array(fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 2, max: 9 }) }), {
    minLength: 5,
    maxLength: 40,
    size: 'max',
  })
  .map((gaps) => {
    let at = -1n;
    return gaps.map((gap) => {
      at += BigInt(gap);
      return at;
    });
  });
const weights = { read: 6, finish: 12, send: 4, land: 3, acknowledge: 4, assign: 2, revoke: 1, die: 1 };
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(...STEPS.map((what) => ({ weight: weights[what], arbitrary: fc.constant(what) }))),
  worker: fc.nat(3 * WORKERS - 1),
  pick: fc.nat(1000),
});

it('nothing is lost and nothing told is run again, whatever happens in whatever order, were all to die after any step', () => {
  const run = fc.record({
    offsets: log,
    // From no map at all to one that always fits: what is cut off is run again, never lost.
    maxMapBytes: fc.constantFrom(0, 12, 14, 18, AMPLE),
    steps: fc.array(step, { minLength: 1, maxLength: 80, size: 'max' }),
  });
  fc.assert(
    fc.property(run, ({ offsets, maxMapBytes, steps }) => {
      const world = new World(offsets, maxMapBytes);
      world.take({ what: 'assign', worker: 0, pick: 0 });
      for (const one of steps) world.take(one);
      world.end();
    }),
    { numRuns: 5000 },
  );
});
