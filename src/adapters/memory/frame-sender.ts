// FrameSender on the log in memory.
import { AnytimeError } from '../../errors.ts';
import type { FrameSender, OutgoingRecord } from '../../ports.ts';
import type { MemoryLog } from './log.ts';

export class MemoryFrameSender implements FrameSender {
  readonly #log: MemoryLog;
  readonly #topic: string;
  #isStopped = false;

  constructor(log: MemoryLog, topic: string) {
    this.#log = log;
    this.#topic = topic;
  }

  /** The topic must exist. */
  async start(): Promise<void> {
    this.#log.partitionsOf(this.#topic);
  }

  async send(frames: readonly OutgoingRecord[]): Promise<void> {
    if (this.#isStopped) throw new AnytimeError('stopped', 'Expected frames before the sender is stopped');
    for (const frame of frames) this.#log.append(this.#topic, frame);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
  }
}
