// The partitions in hand: epoch and offset ledger of each. Assigned with an epoch, gone when revoked; assigned anew without that, it goes
// on with all that is in hand, unless its commit shows that somebody else had it in between. (Who had it and committed nothing has recorded
// what was said: the budget store is asked before anything is published.)
//
//   assigned (epoch e) ─▶ records of e are taken, their ends settle, commits of e go out ─▶ revoked
//         ▲                                                                          └─▶ assigned anew (epoch > e):
//         │                                                                                the commit is ours ─▶ goes on under both epochs
//         └──────────────────────────────────────────────────────────────────── it is not ─▶ begins anew
//
// Whatever still comes of an epoch that is over (records, settlements, acknowledged commits) changes nothing. What an earlier epoch knew
// to be settled is believed in two cases: it stands in the commit that the broker keeps, or that commit is the very one this
// worker left behind, so that nobody has had the partition in between who got further.
import { type Commit, type FrameRecord, partitionKey, type TopicPartition } from '../core/frame-record.ts';
import { OffsetLedger, type Taken } from '../core/offset-ledger.ts';
import { decodeOffsetMap, encodeOffsetMap, settledBy } from '../core/offset-map.ts';
import { joinRanges, type OffsetRange } from '../core/offset-ranges.ts';
import type { AssignedPartition } from '../ports.ts';

type Committed = Pick<Commit, 'offset' | 'metadata'>;

interface Owned extends TopicPartition {
  /** The present epoch: of what is read and committed now. */
  epoch: number;
  /** The first that this ledger knows of: records since then are in hand. */
  readonly since: number;
  readonly ledger: OffsetLedger;
  /** What the broker has, as far as this worker knows; null = nothing. */
  committed: Committed | null;
  /** What it was last offered, and may have although nobody said so. */
  offered: Committed | null;
}

interface Left {
  readonly committed: Committed;
  readonly settled: readonly OffsetRange[];
}

/** Kafka's brokers take 4096 bytes unless told otherwise; the rest is room for what is not ours. */
export const DEFAULT_OFFSET_MAP_BYTES = 3500;

export class Partitions {
  readonly #maxMapBytes: number;
  readonly #owned = new Map<string, Owned>();
  /** What was known of partitions when they were last given up. */
  readonly #left = new Map<string, Left>();

  /** `maxMapBytes`: longest commit metadata; 0 = no offset maps. */
  constructor(maxMapBytes = DEFAULT_OFFSET_MAP_BYTES) {
    this.#maxMapBytes = maxMapBytes;
  }

  /** Returns why the offset map that came with it is not believed; null = it is, or there is none, or none is needed. */
  assign(assigned: AssignedPartition): string | null {
    const { topic, partition, epoch, committed: offset, metadata } = assigned;
    const committed = offset === null ? null : { offset, metadata: metadata ?? '' };
    if (assigned.problem === null && this.#goesOn(assigned, committed)) return null;
    this.revoke(assigned);
    const { settled, problem } = decodeOffsetMap(metadata, offset);
    const left = this.#left.get(partitionKey(assigned));
    this.#left.delete(partitionKey(assigned));
    const own = left && committed && isSame(left.committed, committed) ? left.settled : [];
    const ledger = new OffsetLedger(
      committed && { committed: committed.offset, settled: joinRanges(settled, own, committed.offset) },
    );
    const owned = { topic, partition, epoch, since: epoch, ledger, committed, offered: null };
    this.#owned.set(partitionKey(assigned), owned);
    return problem ?? assigned.problem;
  }

  /** It was never revoked, and its commit is the last one known here, or the one that was on its way. */
  #goesOn(assigned: AssignedPartition, committed: Committed | null): boolean {
    const owned = this.#owned.get(partitionKey(assigned));
    if (owned === undefined) return false;
    const { committed: known, offered } = owned;
    const isOurs = committed === null ? known === null : [known, offered].some((one) => one && isSame(one, committed));
    if (!isOurs) return false;
    owned.epoch = assigned.epoch;
    owned.committed = committed;
    owned.offered = null;
    return true;
  }

  revoke(partition: TopicPartition): void {
    const key = partitionKey(partition);
    const owned = this.#owned.get(key);
    this.#owned.delete(key);
    if (!owned?.committed) return;
    const { committed, ledger } = owned;
    const upTo = { from: committed.offset, to: ledger.committable() ?? committed.offset };
    this.#left.set(key, { committed, settled: joinRanges(ledger.settledAbove(), [upTo], committed.offset) });
  }

  /** True while the partition is owned, and was ever since the record's epoch: else work on it is dropped. */
  isCurrent(record: TopicPartition & { readonly epoch: number }): boolean {
    return this.#ownedSince(record) !== null;
  }

  #ownedSince(record: TopicPartition & { readonly epoch: number }): Owned | null {
    const owned = this.#owned.get(partitionKey(record));
    return owned && owned.since <= record.epoch && record.epoch <= owned.epoch ? owned : null;
  }

  /** A record came; only a `new` one is to be worked on. */
  take(record: FrameRecord): Taken | 'stale' {
    return this.#ownedSince(record)?.ledger.take(record.offset) ?? 'stale';
  }

  settle(record: FrameRecord): void {
    this.#ownedSince(record)?.ledger.settle(record.offset);
  }

  /** What can be committed, with what is settled above it, where either is news to the broker; it counts as offered from now on. */
  offer(): Commit[] {
    return [...this.#owned.values()].flatMap((owned) => {
      const { topic, partition, epoch, ledger, committed } = owned;
      const offset = ledger.committable();
      if (offset === null) return [];
      const metadata = encodeOffsetMap(offset, ledger.settledAbove(), this.#maxMapBytes);
      const now = { offset, metadata };
      if (committed && (isSame(committed, now) || isLeftOut(committed, owned.offered, now))) return [];
      owned.offered = now;
      return [{ topic, partition, epoch, offset, metadata }];
    });
  }

  /** These commits are acknowledged. Returns those that counted: the others are of an epoch that is over. */
  committed(commits: readonly Commit[]): Commit[] {
    return commits.filter((commit) => {
      const owned = this.#ownedSince(commit);
      if (owned === null) return false;
      owned.committed = { offset: commit.offset, metadata: commit.metadata };
      return true;
    });
  }

  /** Those whose partition is still ours and of which the broker has not, as far as this worker knows, that they are settled. */
  uncommitted<R extends Pick<FrameRecord, 'topic' | 'partition' | 'offset' | 'epoch'>>(records: readonly R[]): R[] {
    const settled = new Map<Committed, (offset: bigint) => boolean>(); // each map is decoded once
    return records.filter((record) => {
      const owned = this.#ownedSince(record);
      if (owned === null) return false;
      const { committed } = owned;
      if (committed === null) return true;
      const isSettled = settled.get(committed) ?? settledBy(committed);
      settled.set(committed, isSettled);
      return !isSettled(record.offset);
    });
  }

  all(): TopicPartition[] {
    return [...this.#owned.values()].map(({ topic, partition }) => ({ topic, partition }));
  }
}

function isSame(a: Committed, b: Committed): boolean {
  return a.offset === b.offset && a.metadata === b.metadata;
}

/** The broker took this offer without its metadata, and would again. */
function isLeftOut(committed: Committed, offered: Committed | null, now: Committed): boolean {
  return committed.metadata === '' && committed.offset === now.offset && offered !== null && isSame(offered, now);
}
