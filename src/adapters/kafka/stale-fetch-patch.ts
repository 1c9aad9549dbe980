// Mends what kafkajs 2.2.4 does with a fetch that a join of the group has overtaken: it hands its records over as the new assignment's, and what
// it shows nobody (markers, aborted or compacted records) it takes note of there by itself, so that the reading goes on behind records that
// another member may have had meanwhile and not finished. Where it failed (an offset that is gone), it corrects, and commits, the new assignment's
// positions for it. Here such a fetch is dropped, and fetched again from where the new assignment is. And where the leader of a partition moves,
// the brokers of before and of now may both be asked for the same offsets, and what comes second reads like a log that lost its end: a batch
// that was asked for at another position than the reading has reached is dropped too.
import { createRequire } from 'node:module';
import { mendOnce } from './mend-once.ts';

/** Where the reading of each partition is; made anew by each join. */
interface Positions {
  /** Null where the position was beyond the log, until it is known again. */
  committedOffsets(): Record<string, Record<number, string | null>>;
  nextOffset(topic: string, partition: number): { toString(): string };
}

interface Batch {
  readonly topic: string;
  readonly partition: number;
  /** From where on it was asked for. */
  readonly fetchedOffset: string;
}

interface ConsumerGroup {
  readonly offsetManager: Positions | null;
  fetch(nodeId: number): Promise<readonly Batch[]>;
  recoverFromFetch(error: unknown): Promise<void>;
}

interface Runner {
  readonly consumerGroup: ConsumerGroup;
  handleBatch(batch: Batch): Promise<void>;
}

/** Patches the classes once per process; calling it again changes nothing. */
export function mendStaleFetch(): void {
  const require = createRequire(import.meta.url);
  const { prototype: group } = require('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup };
  const { prototype: runner } = require('kafkajs/src/consumer/runner') as { prototype: Runner };
  mendOnce(runner, () => {
    const { fetch } = group;
    const { handleBatch } = runner;
    const fetchedFor = new WeakMap<Batch, Positions | null>();
    group.fetch = async function (nodeId) {
      const { offsetManager } = this;
      const recoverFromFetch = async (error: unknown) => {
        if (this.offsetManager === offsetManager) await this.recoverFromFetch(error);
      };
      const batches = await fetch.call(Object.create(this, { recoverFromFetch: { value: recoverFromFetch } }), nodeId);
      for (const batch of batches) fetchedFor.set(batch, offsetManager);
      return batches;
    };
    runner.handleBatch = async function (batch) {
      const { offsetManager } = this.consumerGroup;
      const isOfNow = offsetManager !== null && fetchedFor.get(batch) === offsetManager && isNext(batch, offsetManager);
      if (isOfNow) await handleBatch.call(this, batch);
    };
  });
}

function isNext({ topic, partition, fetchedOffset }: Batch, positions: Positions): boolean {
  if (positions.committedOffsets()[topic]?.[partition] == null) return false; // a position would be made up
  return positions.nextOffset(topic, partition).toString() === fetchedOffset;
}
