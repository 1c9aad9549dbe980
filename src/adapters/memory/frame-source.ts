// FrameSource on the log in memory: a member of a group that hands over what is appended, a few records at a time.
import { type Commit, partitionKey, type TopicPartition } from '../../core/frame-record.ts';
import { AnytimeError } from '../../errors.ts';
import type { FrameHandlers, FrameSource } from '../../ports.ts';
import type { Assignment, GroupMember, MemoryGroup } from './group.ts';
import type { MemoryLog } from './log.ts';

/** Records of one partition handed over at once; small, so that a pause is soon felt. */
const FETCH_RECORDS = 64;

interface Reader {
  readonly partition: Assignment;
  position: bigint;
  stopListening: () => void;
}

export interface MemoryFrameSourceOptions {
  readonly log: MemoryLog;
  readonly topic: string;
  readonly groupId: string;
}

/** The topic must exist. Handlers are called from the event loop, never from within a call of the source. */
export class MemoryFrameSource implements FrameSource, GroupMember {
  readonly topics: readonly string[];
  readonly #log: MemoryLog;
  readonly #group: MemoryGroup;
  readonly #paused = new Set<string>();
  #handlers: FrameHandlers | null = null;
  #isStopped = false;
  #readers: Reader[] = [];
  #turn: NodeJS.Immediate | null = null;
  #newAssignment: readonly Assignment[] | null = null;
  #onFirstAssignment: () => void = () => {};

  constructor({ log, topic, groupId }: MemoryFrameSourceOptions) {
    this.topics = [topic];
    this.#log = log;
    this.#group = log.group(groupId);
  }

  /** Resolves when the first partitions are assigned. */
  async start(handlers: FrameHandlers): Promise<void> {
    if (this.#handlers) throw new AnytimeError('stopped', 'Expected a source to be started once, got a second start');
    for (const topic of this.topics) this.#log.partitionsOf(topic);
    this.#handlers = handlers;
    await new Promise<void>((resolve) => {
      this.#onFirstAssignment = resolve;
      this.#group.join(this);
    });
  }

  assign(partitions: readonly Assignment[]): void {
    for (const reader of this.#readers) reader.stopListening();
    this.#newAssignment = partitions;
    this.#schedule();
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#paused.add(partitionKey(partition));
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#paused.delete(partitionKey(partition));
    this.#schedule();
  }

  async commit(commits: readonly Commit[]): Promise<readonly Commit[]> {
    if (this.#isStopped) throw new AnytimeError('stopped', 'Expected commits before the source is stopped');
    return commits.flatMap((commit) => this.#group.commit(this, commit) ?? []);
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    if (this.#turn) clearImmediate(this.#turn);
    for (const reader of this.#readers) reader.stopListening();
    this.#onFirstAssignment();
    this.#group.leave(this);
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#turn ??= setImmediate(() => {
      this.#turn = null;
      if (this.#newAssignment) this.#takeAssignment(this.#newAssignment);
      else this.#handOver();
    });
  }

  #takeAssignment(partitions: readonly Assignment[]): void {
    this.#newAssignment = null;
    const kept = new Set(partitions.map(partitionKey));
    const revoked = this.#readers
      .map(({ partition: { topic, partition } }) => ({ topic, partition }))
      .filter((partition) => !kept.has(partitionKey(partition)));
    this.#paused.clear();
    this.#readers = partitions.map((partition) => ({
      partition,
      position: this.#group.committed(partition)?.offset ?? 0n,
      stopListening: this.#log.onAppend(partition, () => this.#schedule()),
    }));
    if (revoked.length > 0) this.#handlers?.revoked(revoked);
    this.#handlers?.assigned(
      partitions.map((assignment) => {
        const { offset, metadata } = this.#group.committed(assignment) ?? { offset: null, metadata: null };
        return { ...assignment, committed: offset, metadata, problem: null };
      }),
    );
    this.#onFirstAssignment();
    this.#schedule();
  }

  /** One fetch: some records of each partition that is not paused; comes again while there are more. */
  #handOver(): void {
    let hasMore = false;
    for (const reader of this.#readers) {
      if (this.#paused.has(partitionKey(reader.partition)) || this.#newAssignment) continue;
      const records = this.#log.read(reader.partition, reader.position, FETCH_RECORDS);
      if (records.length === 0) continue;
      reader.position += BigInt(records.length);
      hasMore = true;
      this.#handlers?.records(records.map((record) => ({ ...record, epoch: reader.partition.epoch })));
    }
    if (hasMore) this.#schedule();
  }
}
