// The watcher: no part of any worker. It reads the result topics and the dead letters from the beginning, each record once, and
// writes every one into the account. A reader that gave up is replaced and goes on where it was.
import { setTimeout as pause } from 'node:timers/promises';
import { KafkaResultReader } from '../../adapters/kafka/result-reader.ts';
import type { ResultTopics } from '../../core/envelope.ts';
import { partitionKey } from '../../core/frame-record.ts';
import { hasCode, messageOf } from '../../errors.ts';
import type { ReceivedRecord } from '../../ports.ts';
import { frameIdOf } from '../frame-id.ts';
import type { Account } from './account.ts';
import { numberOfFrameId } from './frame-number.ts';

export interface WatcherOptions {
  readonly brokers: readonly string[];
  readonly topics: ResultTopics;
  readonly account: Account;
  readonly say: (line: string) => void;
  /** Each record, after it is in the account. */
  readonly seen?: (record: ReceivedRecord) => void;
}

export interface Watcher {
  /** When the last record came, epoch ms. */
  readonly lastAt: number;
  /** Resolves when all that stands on the topics now is in the account; false = that took longer than a minute, or cannot be. */
  readAll(): Promise<boolean>;
  stop(): Promise<void>;
}

const AGAIN_MS = 500;
const READ_ALL_WITHIN_MS = 60_000;

/** Resolves when it reads. */
export async function startWatcher({ brokers, topics, account, say, seen }: WatcherOptions): Promise<Watcher> {
  const positions = new Map<string, bigint>();
  let lastAt = Date.now();
  let unreadable = 0;
  let isStopped = false;
  let reader: KafkaResultReader | null = null;

  function take(record: ReceivedRecord): void {
    const key = partitionKey(record);
    if (record.offset < (positions.get(key) ?? 0n)) return;
    positions.set(key, record.offset + 1n);
    const { result, topic, timestamp } = record;
    if (topic === topics.deadLetters)
      account.deadLettered(numberOfFrameId(frameIdOf(record)) ?? Number.MAX_SAFE_INTEGER);
    else if (result !== null) {
      const n = numberOfFrameId(result.id) ?? Number.MAX_SAFE_INTEGER;
      const { stage, final, exit, label, publishedAt, degraded } = result;
      const isRecorded = !degraded.includes('budget-store');
      const isForgotten = degraded.includes('budget-history');
      const of = topic === topics.coarse ? 'coarse' : 'refined';
      const marks = { isRecorded, isForgotten };
      account.answered(n, { stage, final, exit, label, ...marks, publishedAt, appendedAt: timestamp, topic: of });
    } else account.strangers += 1;
    seen?.(record);
  }

  async function read(): Promise<void> {
    while (!isStopped) {
      const next = new KafkaResultReader({ brokers, topics, from: 'beginning' });
      reader = next;
      try {
        await next.start({
          records(records) {
            lastAt = Date.now();
            records.forEach(take);
          },
          failed(error) {
            if (hasCode(error, 'bad-batch')) {
              unreadable += 1;
              say(`The watcher cannot read a batch: ${messageOf(error)}`);
              return;
            }
            say(`The watcher reads again: ${messageOf(error)}`);
            void next.stop().then(read);
          },
        });
        return;
      } catch (error) {
        say(`The watcher tries again: ${messageOf(error)}`);
        await pause(AGAIN_MS);
      }
    }
  }

  await read();
  return {
    get lastAt() {
      return lastAt;
    },
    async readAll() {
      for (const since = Date.now(); Date.now() - since < READ_ALL_WITHIN_MS; await pause(AGAIN_MS))
        if (unreadable === 0 && (await reader?.hasReadAll().catch(() => false))) return true;
      return false;
    },
    async stop() {
      isStopped = true;
      await reader?.stop();
    },
  };
}
