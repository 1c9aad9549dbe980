// A consumer group in memory: which member owns which partition under which epoch, and what is committed.
import { type Commit, partitionKey, type TopicPartition } from '../../core/frame-record.ts';
import { stickyShares } from '../../core/sticky-shares.ts';

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
  /** All that the member owns from now on. */
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

  /**
   * Keeps the offset when `member` owns the partition under that epoch; drops it otherwise, as a commit of old times. Returns what it kept.
   */
  commit(member: GroupMember, commit: Commit): Commit | null {
    const owner = this.#owners.get(partitionKey(commit));
    if (owner?.member !== member || owner.epoch !== commit.epoch) return null;
    const { offset, metadata } = commit;
    const isKept = metadata !== '' && metadata.length <= MAX_METADATA_BYTES;
    this.#committed.set(partitionKey(commit), { offset, metadata: isKept ? metadata : null });
    return { ...commit, metadata: isKept ? metadata : '' };
  }

  /** Even shares of every topic, each partition under a new epoch; members keep what they have as far as that allows. */
  #rebalance(): void {
    const before = new Map(this.#owners);
    this.#owners.clear();
    const assignments = new Map<GroupMember, Assignment[]>(this.#members.map((member) => [member, []]));
    for (const topic of new Set(this.#members.flatMap((member) => member.topics))) {
      const takers = this.#members.filter((member) => member.topics.includes(topic));
      const partitions = Array.from({ length: this.#partitionsOf(topic) }, (_, partition) => partition);
      const ownedBy = (member: GroupMember) =>
        partitions.filter((partition) => before.get(partitionKey({ topic, partition }))?.member === member);
      const claims = takers.map((member, i) => ({
        memberId: `${i}`.padStart(6, '0'),
        owned: ownedBy(member),
        since: 0,
      }));
      for (const [memberId, share] of stickyShares(partitions, claims)) {
        const member = takers[Number(memberId)] as GroupMember;
        for (const partition of share) assignments.get(member)?.push(this.#give({ topic, partition }, member));
      }
    }
    for (const [member, assignment] of assignments) member.assign(assignment);
  }

  #give(partition: TopicPartition, member: GroupMember): Assignment {
    const key = partitionKey(partition);
    const epoch = (this.#epochs.get(key) ?? 0) + 1;
    this.#epochs.set(key, epoch);
    this.#owners.set(key, { member, epoch });
    return { ...partition, epoch };
  }
}
