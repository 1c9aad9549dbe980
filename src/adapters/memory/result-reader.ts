// ResultReader on the log in memory: everything of some topics, from their beginning or from now on.
import { parseResult, type ResultTopics } from '../../core/envelope.ts';
import type { TopicPartition } from '../../core/frame-record.ts';
import type { ReceivedRecord, ResultReader } from '../../ports.ts';
import type { LogRecord, MemoryLog } from './log.ts';

export interface MemoryResultReaderOptions {
  readonly log: MemoryLog;
  readonly topics: ResultTopics;
  readonly from: 'beginning' | 'now';
}

export class MemoryResultReader implements ResultReader {
  readonly #options: MemoryResultReaderOptions;
  readonly #stops: (() => void)[] = [];
  #turn: NodeJS.Immediate | null = null;

  constructor(options: MemoryResultReaderOptions) {
    this.#options = options;
  }

  /** Makes the topics that are missing, with one partition. Records come from the event loop, not from within `publish`. */
  async start({ records }: Parameters<ResultReader['start']>[0]): Promise<void> {
    const { log, topics, from } = this.#options;
    const readers = Object.values(topics).flatMap((topic) =>
      Array.from({ length: log.createTopic(topic) }, (_, partition) => {
        const at: TopicPartition = { topic, partition };
        return { at, position: from === 'now' ? log.endOffset(at) : 0n };
      }),
    );
    const read = () => {
      this.#turn = null;
      for (const reader of readers) {
        const found = log.read(reader.at, reader.position, Number.MAX_SAFE_INTEGER);
        reader.position += BigInt(found.length);
        if (found.length > 0) records(found.map((record) => this.#received(record)));
      }
    };
    const schedule = () => {
      this.#turn ??= setImmediate(read);
    };
    for (const reader of readers) this.#stops.push(log.onAppend(reader.at, schedule));
    schedule();
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    if (this.#turn) clearImmediate(this.#turn);
  }

  #received(record: LogRecord): ReceivedRecord {
    const isLetter = record.topic === this.#options.topics.deadLetters;
    return { ...record, result: isLetter ? null : parseResult(record.value) };
  }
}
