// The partitions in hand: epoch and offset ledger of each. Assigned with an epoch, gone when revoked or assigned anew.
//
//   assigned (epoch e) ─▶ records of e are taken, their ends settle, commits of e go out ─▶ revoked, or assigned anew (epoch > e)
//
// Whatever still comes of an older epoch (records, settlements, acknowledged commits) changes nothing. What an earlier epoch knew
// to be settled is believed in two cases: it stands in the commit that the broker keeps, or that commit is the very one this
// worker left behind, so that nobody has had the partition in between who got further.
import { type Commit, type FrameRecord, partitionKey, type TopicPartition } from '../core/frame-record.ts';
import { OffsetLedger, type Taken } from '../core/offset-ledger.ts';
import { decodeOffsetMap, encodeOffsetMap } from '../core/offset-map.ts';
import { joinRanges, type OffsetRange } from '../core/offset-ranges.ts';
import type { AssignedPartition } from '../ports.ts';

type Committed = Pick<Commit, 'offset' | 'metadata'>;

interface Owned extends TopicPartition {
  readonly epoch: number;
  readonly ledger: OffsetLedger;
  /** What the broker has, as far as this worker knows; null = nothing. */
  committed: Committed | null;
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

  /** Returns why the offset map that came with it is not believed; null = it is, or there is none. */
  assign(assigned: AssignedPartition): string | null {
    const { topic, partition, epoch, committed: offset, metadata } = assigned;
    this.revoke(assigned);
    const committed = offset === null ? null : { offset, metadata: metadata ?? '' };
    const { settled, problem } = decodeOffsetMap(metadata, offset);
    const left = this.#left.get(partitionKey(assigned));
    this.#left.delete(partitionKey(assigned));
    const own = left && committed && isSame(left.committed, committed) ? left.settled : [];
    const ledger = new OffsetLedger(
      committed && { committed: committed.offset, settled: joinRanges(settled, own, committed.offset) },
    );
    this.#owned.set(partitionKey(assigned), { topic, partition, epoch, ledger, committed });
    return problem ?? assigned.problem;
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

  /** True while the partition is owned under this epoch: else work on its records is dropped, and commits come to nothing. */
  isCurrent(record: TopicPartition & { readonly epoch: number }): boolean {
    return this.#owned.get(partitionKey(record))?.epoch === record.epoch;
  }

  /** A record came; only a `new` one is to be worked on. */
  take(record: FrameRecord): Taken | 'stale' {
    const owned = this.#owned.get(partitionKey(record));
    return owned?.epoch === record.epoch ? owned.ledger.take(record.offset) : 'stale';
  }

  settle(record: FrameRecord): void {
    if (this.isCurrent(record)) this.#owned.get(partitionKey(record))?.ledger.settle(record.offset);
  }

  /** Offsets that can be committed, with what is settled above them, where either is news to the broker. */
  uncommitted(): Commit[] {
    return [...this.#owned.values()].flatMap(({ topic, partition, epoch, ledger, committed }) => {
      const offset = ledger.committable();
      if (offset === null) return [];
      const metadata = encodeOffsetMap(offset, ledger.settledAbove(), this.#maxMapBytes);
      return committed && isSame(committed, { offset, metadata })
        ? []
        : [{ topic, partition, epoch, offset, metadata }];
    });
  }

  /** These commits are acknowledged. Returns those that counted: the others are of an older epoch. */
  committed(commits: readonly Commit[]): Commit[] {
    return commits.filter((commit) => {
      const owned = this.#owned.get(partitionKey(commit));
      if (owned?.epoch !== commit.epoch) return false;
      owned.committed = { offset: commit.offset, metadata: commit.metadata };
      return true;
    });
  }

  all(): TopicPartition[] {
    return [...this.#owned.values()].map(({ topic, partition }) => ({ topic, partition }));
  }
}

function isSame(a: Committed, b: Committed): boolean {
  return a.offset === b.offset && a.metadata === b.metadata;
}
