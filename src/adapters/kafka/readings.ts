// How far each owned partition was read, and whether a batch can be what comes next there. kafkajs keeps the positions; that a log lost its
// end, of which it says nothing, is found out here.
import type { EachBatchPayload } from 'kafkajs';
import { partitionKey, type TopicPartition } from '../../core/frame-record.ts';

type Batch = EachBatchPayload['batch'];

export class Readings {
  /** The offset after the last record handed over, and the epoch it was handed over under. */
  readonly #reached = new Map<string, { readonly next: bigint; readonly epoch: number }>();

  tookUpTo(partition: TopicPartition, offset: bigint, epoch: number): void {
    this.#reached.set(partitionKey(partition), { next: offset + 1n, epoch });
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
