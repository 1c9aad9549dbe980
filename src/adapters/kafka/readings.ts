// How far each partition was read, here or as its commit says, and whether a batch can be what comes next there. kafkajs keeps the positions;
// that a log lost its end, of which it says nothing, is found out here.
import type { EachBatchPayload } from 'kafkajs';
import { partitionKey, type TopicPartition } from '../../core/frame-record.ts';

type Batch = EachBatchPayload['batch'];

export class Readings {
  /** The offset after the last record that is known of, and the epoch it was handed over under; null = not here. */
  readonly #reached = new Map<string, { readonly next: bigint; readonly epoch: number | null }>();

  tookUpTo(partition: TopicPartition, offset: bigint, epoch: number): void {
    this.#reached.set(partitionKey(partition), { next: offset + 1n, epoch });
  }

  /** Others read it up to `next` at least: its commit, or the offset map beside it, says so. */
  wasReadUpTo(partition: TopicPartition, next: bigint): void {
    const key = partitionKey(partition);
    if ((this.#reached.get(key)?.next ?? -1n) < next) this.#reached.set(key, { next, epoch: null });
  }

  forget(partition: TopicPartition): void {
    this.#reached.delete(partitionKey(partition));
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
