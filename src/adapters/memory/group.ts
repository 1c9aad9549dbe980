// A consumer group in memory: which member owns which partition under which epoch, and what is committed.
import { type Commit, partitionKey, type TopicPartition } from '../../core/frame-record.ts';

/** What Kafka's brokers take unless told otherwise (offset.metadata.max.bytes); longer metadata is left out of the commit. */
const MAX_METADATA_BYTES = 4096;

export interface CommittedOffset {
  readonly offset: bigint;
  readonly metadata: string | null;
}

export interface Assignment extends TopicPartition {
  readonly epoch: number;
}

export interface GroupMember {
  readonly topics: readonly string[];
  /** All that the member owns from now on; what it owned before is gone. */
  assign(partitions: readonly Assignment[]): void;
}

export class MemoryGroup {
  readonly #partitionsOf: (topic: string) => number;
  readonly #members: GroupMember[] = [];
  readonly #owners = new Map<string, { member: GroupMember; epoch: number }>();
  readonly #epochs = new Map<string, number>();
  readonly #committed = new Map<string, CommittedOffset>();

  constructor(partitionsOf: (topic: string) => number) {
    this.#partitionsOf = partitionsOf;
  }

  join(member: GroupMember): void {
    this.#members.push(member);
    this.#rebalance();
  }

  leave(member: GroupMember): void {
    const index = this.#members.indexOf(member);
    if (index < 0) return;
    this.#members.splice(index, 1);
    this.#rebalance();
  }

  committed(partition: TopicPartition): CommittedOffset | null {
    return this.#committed.get(partitionKey(partition)) ?? null;
  }

  /** Keeps the offset when `member` owns the partition under that epoch; drops it otherwise, as a commit of old times. */
  commit(member: GroupMember, commit: Commit): void {
    const owner = this.#owners.get(partitionKey(commit));
    if (owner?.member !== member || owner.epoch !== commit.epoch) return;
    const { offset, metadata } = commit;
    const isKept = metadata !== '' && metadata.length <= MAX_METADATA_BYTES;
    this.#committed.set(partitionKey(commit), { offset, metadata: isKept ? metadata : null });
  }

  /** Every partition in turn to the next member that wants its topic, each under a new epoch. */
  #rebalance(): void {
    this.#owners.clear();
    const shares = new Map<GroupMember, Assignment[]>(this.#members.map((member) => [member, []]));
    for (const topic of new Set(this.#members.flatMap((member) => member.topics))) {
      const takers = this.#members.filter((member) => member.topics.includes(topic));
      for (let partition = 0; partition < this.#partitionsOf(topic); partition++) {
        const member = takers[partition % takers.length] as GroupMember;
        const key = partitionKey({ topic, partition });
        const epoch = (this.#epochs.get(key) ?? 0) + 1;
        this.#epochs.set(key, epoch);
        this.#owners.set(key, { member, epoch });
        shares.get(member)?.push({ topic, partition, epoch });
      }
    }
    for (const [member, share] of shares) member.assign(share);
  }
}
