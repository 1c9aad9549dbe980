// ResultSink on the log in memory.
import { randomBytes } from 'node:crypto';
import {
  DEFAULT_RESULT_TOPICS,
  deadLetterHeaders,
  type ResultTopics,
  resultBytes,
  resultHeaders,
} from '../../core/envelope.ts';
import type { ResultRecord } from '../../core/result.ts';
import { AnytimeError } from '../../errors.ts';
import type { DeadLetter, ResultSink } from '../../ports.ts';
import type { MemoryLog } from './log.ts';

export class MemoryResultSink implements ResultSink {
  readonly #log: MemoryLog;
  readonly #topics: ResultTopics;
  #isStopped = false;

  constructor(log: MemoryLog, topics: ResultTopics = DEFAULT_RESULT_TOPICS) {
    this.#log = log;
    this.#topics = topics;
  }

  /** Makes the topics that are missing, with one partition. */
  async start(): Promise<void> {
    for (const topic of Object.values(this.#topics)) this.#log.createTopic(topic);
  }

  async publish(results: readonly ResultRecord[]): Promise<void> {
    this.#expectRunning();
    for (const result of results) {
      const headers = resultHeaders(result, randomBytes(8).toString('hex'));
      const topic = result.isFirst ? this.#topics.coarse : this.#topics.refined;
      this.#log.append(topic, { key: result.key, value: resultBytes(result), headers });
    }
  }

  async deadLetter(letters: readonly DeadLetter[]): Promise<void> {
    this.#expectRunning();
    for (const letter of letters) {
      const { key, value, timestamp } = letter.record;
      const headers = { ...letter.record.headers, ...deadLetterHeaders(letter) };
      this.#log.append(this.#topics.deadLetters, { key, value, headers, timestamp });
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
  }

  #expectRunning(): void {
    if (this.#isStopped) throw new AnytimeError('stopped', 'Expected results before the sink is stopped');
  }
}
