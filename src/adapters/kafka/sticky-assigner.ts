// A partition assigner for kafkajs, which has only a round robin that moves nearly everything at every rebalance: members tell what they
// have when they join, and the leader leaves it to them as far as even shares allow.
import { isDeepStrictEqual } from 'node:util';
import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';
import { z } from 'zod';
import type { TopicPartition } from '../../core/frame-record.ts';
import { type Claim, stickyShares } from '../../core/sticky-shares.ts';

const { MemberMetadata, MemberAssignment } = AssignerProtocol;
const VERSION = 1;

/** Told with each join. Other programs may put anything in its place: what does not parse claims nothing. */
const ClaimsSchema = z.object({
  since: z.number(),
  owned: z.record(z.string(), z.array(z.int().min(0))),
});
type Claims = z.infer<typeof ClaimsSchema>;

export interface StickyAssigner {
  readonly assigner: PartitionAssigner;
  /** What this member owns from now on; it claims that at the next join. */
  own(partitions: readonly TopicPartition[]): void;
  /** True when it asked to join more than once since then: in between another may have had what it owns. */
  readonly hasMissed: boolean;
}

/** For one consumer after another of one member. */
export function createStickyAssigner(): StickyAssigner {
  let claims: Claims = { since: 0, owned: {} };
  let joins = 0;
  const assigner: PartitionAssigner = ({ cluster }) => ({
    name: 'anytime-sticky',
    version: VERSION,
    async assign({ members, topics }) {
      const known = members.map(({ memberId, memberMetadata }) => ({ memberId, ...read(memberMetadata) }));
      const assignments = new Map<string, Record<string, number[]>>(members.map(({ memberId }) => [memberId, {}]));
      for (const topic of topics) {
        const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
        const takers = known.filter((member) => member.topics.includes(topic));
        const claimed = takers.map(
          ({ memberId, since, owned }): Claim => ({ memberId, since, owned: ofTopic(owned, topic) }),
        );
        for (const [memberId, share] of stickyShares(partitions.sort(ascending), claimed))
          if (share.length > 0) Object.assign(assignments.get(memberId) ?? {}, { [topic]: share });
      }
      return [...assignments].map(([memberId, assignment]) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({ version: VERSION, assignment, userData: Buffer.alloc(0) }),
      }));
    },
    protocol({ topics }) {
      joins += 1;
      const userData = Buffer.from(JSON.stringify(claims));
      return { name: 'anytime-sticky', metadata: MemberMetadata.encode({ version: VERSION, topics, userData }) };
    },
  });
  return {
    assigner,
    own(partitions) {
      joins = 0;
      const owned: Record<string, number[]> = {};
      for (const { topic, partition } of partitions)
        owned[topic] = [...ofTopic(owned, topic), partition].sort(ascending);
      // Unchanged claims stay as they are: a member that joins again with others makes the whole group join again.
      if (!isDeepStrictEqual(owned, claims.owned)) claims = { since: Date.now(), owned };
    },
    get hasMissed() {
      return joins > 1;
    },
  };
}

function read(memberMetadata: Buffer): Claims & { readonly topics: readonly string[] } {
  const metadata = MemberMetadata.decode(memberMetadata);
  return { ...claimsOf(metadata?.userData ?? Buffer.alloc(0)), topics: metadata?.topics ?? [] };
}

function claimsOf(userData: Buffer): Claims {
  try {
    return ClaimsSchema.parse(JSON.parse(userData.toString('utf8')));
  } catch {
    return { since: 0, owned: {} };
  }
}

/** A topic may be named like something that every object has. */
function ofTopic(owned: Claims['owned'], topic: string): readonly number[] {
  return Object.hasOwn(owned, topic) ? (owned[topic] ?? []) : [];
}

function ascending(a: number, b: number): number {
  return a - b;
}
