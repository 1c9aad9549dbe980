// The assigner as kafkajs calls it: what members claim, in their metadata, and what the leader gives them.
import { AssignerProtocol, type Cluster, type GroupMember, type Logger } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { createStickyAssigner, type StickyAssigner } from '../../../../src/adapters/kafka/sticky-assigner.ts';

const PARTITIONS = { frames: 6, others: 2 };
const cluster = {
  findTopicPartitionMetadata: (topic: keyof typeof PARTITIONS) =>
    Array.from({ length: PARTITIONS[topic] }, (_, partitionId) => ({ partitionId })).reverse(),
} as unknown as Cluster;
const of = ({ assigner }: StickyAssigner) => assigner({ cluster, groupId: 'workers', logger: {} as Logger });
const owning = (...partitions: number[]) => {
  const sticky = createStickyAssigner();
  sticky.own(partitions.map((partition) => ({ topic: 'frames', partition })));
  return sticky;
};
const member = (memberId: string, sticky: StickyAssigner, topics = ['frames']): GroupMember => ({
  memberId,
  memberMetadata: of(sticky).protocol({ topics }).metadata,
});

async function assign(members: GroupMember[], topics = ['frames']) {
  const given = await of(createStickyAssigner()).assign({ members, topics });
  return Object.fromEntries(
    given.map(({ memberId, memberAssignment }) => [
      memberId,
      AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment,
    ]),
  );
}

describe('the sticky assigner', () => {
  it('gives one that comes a share, and leaves the others what they have', async () => {
    const members = [member('a', owning(0, 2, 4)), member('b', owning(1, 3, 5)), member('c', createStickyAssigner())];
    expect(await assign(members)).toEqual({ a: { frames: [0, 2] }, b: { frames: [1, 3] }, c: { frames: [4, 5] } });
  });

  it('what a member owns is claimed at its next join, not what it owned before', async () => {
    const one = owning(0, 1, 2, 3, 4, 5);
    one.own([{ topic: 'frames', partition: 5 }]);
    const shares = await assign([member('one', one), member('two', owning(0, 1, 2, 3, 4))]);
    expect(shares['one']?.['frames']).toContain(5);
    expect(shares['two']).toEqual({ frames: [0, 1, 2] });
  });

  it('claims the same as before while nothing has changed: the group need not rebalance for that', () => {
    const one = owning(0, 1);
    const metadata = () => of(one).protocol({ topics: ['frames'] }).metadata;
    const before = metadata();
    one.own([1, 0].map((partition) => ({ topic: 'frames', partition })));
    expect(metadata()).toEqual(before);
    one.own([{ topic: 'frames', partition: 0 }]);
    expect(metadata()).not.toEqual(before);
  });

  it('knows that it missed a generation when it asked to join twice', () => {
    const one = owning(0);
    expect(one.hasMissed).toBe(false);
    for (const missed of [false, true]) {
      of(one).protocol({ topics: ['frames'] });
      expect(one.hasMissed).toBe(missed);
    }
    one.own([{ topic: 'frames', partition: 0 }]);
    expect(one.hasMissed).toBe(false);
  });

  it('a topic may have any name', () => {
    const topics = ['constructor', '__proto__'];
    const one = createStickyAssigner();
    one.own(topics.map((topic) => ({ topic, partition: 0 })));
    expect(() => of(one).protocol({ topics })).not.toThrow();
  });

  it('takes no notice of claims that it cannot read, and leaves no partition to nobody', async () => {
    const { MemberMetadata } = AssignerProtocol;
    const strange = (memberId: string, userData: string): GroupMember => ({
      memberId,
      memberMetadata: MemberMetadata.encode({ version: 1, topics: ['frames'], userData: Buffer.from(userData) }),
    });
    const shares = await assign([strange('a', ''), strange('b', '{"owned":{"frames":["x"]}}'), strange('c', '\u0000')]);
    expect(
      Object.values(shares)
        .flatMap((share) => share?.['frames'] ?? [])
        .sort(),
    ).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('gives a topic only to those that read it, and every member an assignment', async () => {
    const members = [
      member('both', createStickyAssigner(), ['frames', 'others']),
      member('other', createStickyAssigner(), ['others']),
      member('none', createStickyAssigner(), []),
    ];
    const shares = await assign(members, ['frames', 'others']);
    expect(shares['both']?.['frames']).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...(shares['both']?.['others'] ?? []), ...(shares['other']?.['others'] ?? [])].sort()).toEqual([0, 1]);
    expect(shares['none']).toEqual({});
  });
});
