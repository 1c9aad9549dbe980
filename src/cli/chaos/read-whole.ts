// Everything that stands on some topics, read once.
import { setTimeout as pause } from 'node:timers/promises';
import { KafkaResultReader } from '../../adapters/kafka/result-reader.ts';
import type { ResultTopics } from '../../core/envelope.ts';
import { AnytimeError } from '../../errors.ts';
import type { ReceivedRecord } from '../../ports.ts';

const WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** Errors: broker-unavailable, also where it takes too long. */
export async function readWhole(
  brokers: readonly string[],
  topics: ResultTopics,
  take: (record: ReceivedRecord) => void,
): Promise<void> {
  const reader = new KafkaResultReader({ brokers, topics, from: 'beginning' });
  await reader.start({ records: (records) => records.forEach(take), failed: () => {} });
  try {
    for (const since = Date.now(); !(await reader.hasReadAll()); await pause(LOOK_EVERY_MS))
      if (Date.now() - since > WITHIN_MS)
        throw new AnytimeError('broker-unavailable', `Expected ${Object.values(topics)} to be read in ${WITHIN_MS} ms`);
  } finally {
    await reader.stop();
  }
}
