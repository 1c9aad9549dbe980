// A topic that was made a moment ago: its brokers may not know it yet, or not who leads its partitions.
import { setTimeout as pause } from 'node:timers/promises';
import { originOf } from './broker-error.ts';

const KNOWN_WITHIN_MS = 10_000;
const ASK_AGAIN_MS = 100;
const NOT_YET = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION']);

/** What `ask` answers, asked again while the brokers do not know the topic yet. Errors: those of `ask`, after 10 s also these. */
export async function untilKnown<T>(ask: () => Promise<T>): Promise<T> {
  const giveUpAt = Date.now() + KNOWN_WITHIN_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!NOT_YET.has((originOf(error) as { type?: string } | null)?.type ?? '') || Date.now() > giveUpAt) throw error;
      await pause(ASK_AGAIN_MS);
    }
  }
}
