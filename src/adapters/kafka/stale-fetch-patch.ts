// Mends what kafkajs 2.2.4 does with a fetch that a join of the group has overtaken: it hands its records over as the new assignment's, and what
// it shows nobody (markers, aborted or compacted records) it takes note of there by itself, so that the reading goes on behind records that
// another member may have had meanwhile and not finished. Where it failed (an offset that is gone), it corrects, and commits, the new assignment's
// positions for it. Here such a fetch is dropped, and fetched again from where the new assignment is.
import { createRequire } from 'node:module';
import { mendOnce } from './mend-once.ts';

interface ConsumerGroup {
  /** Where the reading of each partition is; made anew by each join. */
  readonly offsetManager: object | null;
  fetch(nodeId: number): Promise<readonly object[]>;
  recoverFromFetch(error: unknown): Promise<void>;
}

interface Runner {
  readonly consumerGroup: ConsumerGroup;
  handleBatch(batch: object): Promise<void>;
}

/** Patches the classes once per process; calling it again changes nothing. */
export function mendStaleFetch(): void {
  const require = createRequire(import.meta.url);
  const { prototype: group } = require('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup };
  const { prototype: runner } = require('kafkajs/src/consumer/runner') as { prototype: Runner };
  mendOnce(runner, () => {
    const { fetch } = group;
    const { handleBatch } = runner;
    const fetchedFor = new WeakMap<object, object | null>();
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
      if (fetchedFor.get(batch) === this.consumerGroup.offsetManager) await handleBatch.call(this, batch);
    };
  });
}
