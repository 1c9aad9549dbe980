// How far each owned partition was read, and whether a batch can be what comes next there. kafkajs keeps the positions; what it makes of a
// join, of a log that lost its end, and of records that it shows nobody, is found out here.
import type { EachBatchPayload } from 'kafkajs';
import { partitionKey, type TopicPartition } from '../../core/frame-record.ts';

type Batch = EachBatchPayload['batch'];

export class Readings {
  /** The offset after the last record handed over, and the epoch it was handed over under. */
  readonly #reached = new Map<string, { readonly next: bigint; readonly epoch: number }>();
  /** Partitions whose next batch may have been fetched before the last join. */
  #doubted = new Set<string>();
  /** Where the reading of a partition must begin after a join, until its first batch has shown that it does. */
  #beginnings = new Map<string, bigint>();

  /** A join; `mayHaveFetched`: those of which a fetch of before may still bring records, from where the reading was. */
  joined(mayHaveFetched: readonly TopicPartition[]): void {
    this.#doubted = new Set(mayHaveFetched.map(partitionKey));
    this.#beginnings = new Map();
  }

  mustBeginAt(partition: TopicPartition, offset: bigint): void {
    this.#beginnings.set(partitionKey(partition), offset);
  }

  tookUpTo(partition: TopicPartition, offset: bigint, epoch: number): void {
    this.#reached.set(partitionKey(partition), { next: offset + 1n, epoch });
  }

  forget(partition: TopicPartition): void {
    this.#reached.delete(partitionKey(partition));
  }

  /** It may have been fetched before the last join: it is to be left, and is fetched again. True once. */
  isOfBefore(batch: Batch): boolean {
    return this.#doubted.delete(partitionKey(batch));
  }

  /**
   * A fetch of before the join that brought nothing but markers, or aborted or compacted records, is not shown: kafkajs takes note of it by
   * itself, and reads on behind it. The offset to read from then; told once: where the log begins later, there is nothing to go back to.
   */
  skippedFrom(batch: Batch): bigint | null {
    const key = partitionKey(batch);
    const beginning = this.#beginnings.get(key);
    this.#beginnings.delete(key);
    const { fetchedOffset } = batch as { fetchedOffset?: string };
    if (beginning === undefined || fetchedOffset === undefined || BigInt(fetchedOffset) <= beginning) return null;
    return beginning;
  }

  /**
   * The log lost its end, as with an election of a replica that lagged, or the topic was made anew: it ends before what was read of it, or
   * kafkajs found its position beyond the end and went back. What comes then are other records under offsets that were seen.
   */
  hasLostItsEnd(batch: Batch, epoch: number): boolean {
    const reached = this.#reached.get(partitionKey(batch));
    const [first] = batch.messages;
    if (reached === undefined || first === undefined) return false;
    const wentBack = reached.epoch === epoch && BigInt(first.offset) < reached.next;
    return wentBack || BigInt(batch.highWatermark) < reached.next;
  }
}
