// Reading a group's commits back: through a coordinator that moves or loads, within its time.
import { describe, expect, it } from 'vitest';
import { readCommittedOffsets } from '../../../../src/adapters/kafka/committed-offsets.ts';

const loading = () => new Error('The coordinator is loading');
/** An admin client that fails so often before it answers. */
function admin(failures: number) {
  const asked: unknown[] = [];
  return {
    asked,
    async fetchOffsets(what: unknown) {
      asked.push(what);
      if (asked.length <= failures) throw loading();
      return [
        { topic: 'other', partitions: [{ partition: 0, offset: '99', metadata: 'not asked for' }] },
        {
          topic: 'frames',
          partitions: [
            { partition: 0, offset: '9007199254740993', metadata: 'a map' },
            { partition: 1, offset: '3', metadata: null },
            { partition: 2, offset: '-1', metadata: null },
          ],
        },
      ];
    },
  };
}
const options = { groupId: 'workers', topic: 'frames', timeoutMs: 5000, isWanted: () => true };

describe('the commits of a group', () => {
  it('are told by partition, to the last digit; what was never committed is left out', async () => {
    const client = admin(0);
    const committed = await readCommittedOffsets(client, options);
    expect([...committed]).toEqual([
      [0, { offset: 9007199254740993n, metadata: 'a map' }],
      [1, { offset: 3n, metadata: null }],
    ]);
    expect(client.asked).toEqual([{ groupId: 'workers', topics: ['frames'] }]);
  });

  it('are asked for again while the coordinator loads', async () => {
    const client = admin(1);
    expect((await readCommittedOffsets(client, options)).size).toBe(2);
    expect(client.asked).toHaveLength(2);
  });

  it('are given up when the time is over, or when nobody waits for them any more', async () => {
    await expect(readCommittedOffsets(admin(9), { ...options, timeoutMs: 100 })).rejects.toThrow(/loading/);
    const client = admin(9);
    await expect(readCommittedOffsets(client, { ...options, isWanted: () => false })).rejects.toThrow(/loading/);
    expect(client.asked).toHaveLength(1);
    const silent = { fetchOffsets: () => new Promise<never>(() => {}) };
    await expect(readCommittedOffsets(silent, { ...options, timeoutMs: 20 })).rejects.toThrow(/within \d+/);
  });
});
