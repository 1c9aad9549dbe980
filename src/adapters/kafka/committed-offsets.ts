// What a group has committed for a topic, offset and metadata read as one. kafkajs' consumer keeps no metadata, so the admin client
// asks; unlike other calls of kafkajs it is not tried again by itself while the coordinator moves or loads.
import { setTimeout as pause } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { within } from './broker-error.ts';

export interface CommittedOffset {
  readonly offset: bigint;
  readonly metadata: string | null;
}

export interface CommittedOffsetsOptions {
  readonly groupId: string;
  readonly topic: string;
  /** For all tries together, ms. */
  readonly timeoutMs: number;
  /** False = nobody waits for it any more. */
  readonly isWanted: () => boolean;
}

const RETRY_AFTER_MS = 200;

/** By partition; those without a commit are left out. Errors: what the last try ended with. */
export async function readCommittedOffsets(
  admin: Pick<Admin, 'fetchOffsets'>,
  options: CommittedOffsetsOptions,
): Promise<Map<number, CommittedOffset>> {
  const giveUpAt = performance.now() + options.timeoutMs;
  for (;;) {
    const leftMs = giveUpAt - performance.now();
    try {
      return await readOnce(admin, options, leftMs);
    } catch (error) {
      if (leftMs <= RETRY_AFTER_MS || !options.isWanted()) throw error;
      await pause(RETRY_AFTER_MS);
    }
  }
}

async function readOnce(
  admin: Pick<Admin, 'fetchOffsets'>,
  { groupId, topic }: CommittedOffsetsOptions,
  leftMs: number,
): Promise<Map<number, CommittedOffset>> {
  const answer = await within(leftMs, 'committed offsets', admin.fetchOffsets({ groupId, topics: [topic] }));
  const committed = new Map<number, CommittedOffset>();
  for (const { partition, offset, metadata } of answer.find((one) => one.topic === topic)?.partitions ?? [])
    if (BigInt(offset) >= 0n) committed.set(partition, { offset: BigInt(offset), metadata });
  return committed;
}
