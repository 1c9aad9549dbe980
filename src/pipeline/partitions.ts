// The partitions in hand: epoch and offset ledger of each. Assigned with an epoch, gone when revoked or assigned anew.
import { type Commit, type FrameRecord, partitionKey, type TopicPartition } from '../core/frame-record.ts';
import { OffsetLedger } from '../core/offset-ledger.ts';

interface Owned extends TopicPartition {
  readonly epoch: number;
  readonly ledger: OffsetLedger;
  committed: bigint | null;
}

export class Partitions {
  readonly #owned = new Map<string, Owned>();

  assign(partition: TopicPartition & { readonly epoch: number }): void {
    const { topic, epoch } = partition;
    const ledger = new OffsetLedger();
    this.#owned.set(partitionKey(partition), { topic, partition: partition.partition, epoch, ledger, committed: null });
  }

  revoke(partition: TopicPartition): void {
    this.#owned.delete(partitionKey(partition));
  }

  /** True while the record's partition is owned under the epoch it was fetched in: else work on it is dropped. */
  isCurrent(record: FrameRecord): boolean {
    return this.#owned.get(partitionKey(record))?.epoch === record.epoch;
  }

  /** A record came; false when it is of an older epoch or was taken before. */
  take(record: FrameRecord): boolean {
    return this.isCurrent(record) && (this.#owned.get(partitionKey(record))?.ledger.take(record.offset) ?? false);
  }

  settle(record: FrameRecord): void {
    if (this.isCurrent(record)) this.#owned.get(partitionKey(record))?.ledger.settle(record.offset);
  }

  /** Offsets that can be committed and were not yet. */
  uncommitted(): Commit[] {
    return [...this.#owned.values()].flatMap(({ topic, partition, epoch, ledger, committed }) => {
      const offset = ledger.committable();
      return offset === null || offset === committed ? [] : [{ topic, partition, epoch, offset, metadata: '' }];
    });
  }

  /** These commits are acknowledged. */
  committed(commits: readonly Commit[]): void {
    for (const commit of commits) {
      const owned = this.#owned.get(partitionKey(commit));
      if (owned !== undefined && owned.epoch === commit.epoch) owned.committed = commit.offset;
    }
  }

  all(): TopicPartition[] {
    return [...this.#owned.values()].map(({ topic, partition }) => ({ topic, partition }));
  }
}
