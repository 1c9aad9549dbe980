// Epochs and ledgers of the partitions in hand.
import { describe, expect, it } from 'vitest';
import { encodeOffsetMap } from '../../../src/core/offset-map.ts';
import { Partitions } from '../../../src/pipeline/partitions.ts';
import type { AssignedPartition } from '../../../src/ports.ts';
import { frameRecord } from '../../helpers/records.ts';

const NOTHING = { committed: null, metadata: null, problem: null };
const assigned = (epoch = 1, committed: Partial<AssignedPartition> = {}): AssignedPartition => ({
  topic: 'frames',
  partition: 0,
  epoch,
  ...NOTHING,
  ...committed,
});
const record = (offset: bigint, epoch = 1) => frameRecord({ offset, epoch });
const owned = (epoch = 1) => {
  const partitions = new Partitions();
  partitions.assign(assigned(epoch));
  return partitions;
};
/** Takes 5 … 9 and settles all but 5. */
const withOneSlowFrame = () => {
  const partitions = owned();
  for (let offset = 5n; offset < 10n; offset++) partitions.take(record(offset));
  for (let offset = 6n; offset < 10n; offset++) partitions.settle(record(offset));
  return partitions;
};

describe('Partitions', () => {
  it('takes each record of the present epoch once, and none of another', () => {
    const partitions = owned(2);
    expect(partitions.take(record(5n, 2))).toBe('new');
    expect(partitions.take(record(5n, 2))).toBe('again');
    expect(partitions.take(record(6n, 1))).toBe('stale');
    expect(new Partitions().take(record(0n))).toBe('stale');
  });

  it('offers each committable offset once, under its epoch', () => {
    const partitions = owned();
    for (const offset of [5n, 6n]) partitions.take(record(offset));
    expect(partitions.offer().map(({ offset }) => offset)).toEqual([5n]);
    for (const offset of [5n, 6n]) partitions.settle(record(offset));
    const commits = partitions.offer();
    expect(commits).toEqual([{ topic: 'frames', partition: 0, epoch: 1, offset: 7n, metadata: '' }]);
    expect(partitions.committed(commits)).toEqual(commits);
    expect(partitions.offer()).toEqual([]);
  });

  it('commits again when only the map has changed', () => {
    const partitions = withOneSlowFrame();
    const [first] = partitions.offer();
    expect(first).toMatchObject({ offset: 5n, metadata: expect.stringMatching(/^a1/) });
    partitions.committed(first ? [first] : []);
    expect(partitions.offer()).toEqual([]);
    for (const offset of [10n, 11n]) partitions.take(record(offset));
    partitions.settle(record(11n));
    expect(partitions.offer()).toMatchObject([
      { offset: 5n, metadata: expect.not.stringMatching(first?.metadata ?? '') },
    ]);
  });

  it('knows of which records the broker does not have that they are settled: an offer alone says nothing', () => {
    const partitions = withOneSlowFrame();
    const records = [4n, 5n, 6n, 9n, 10n].map((offset) => record(offset));
    const offsets = () => partitions.uncommitted(records).map(({ offset }) => offset);
    const commits = partitions.offer();
    expect(offsets()).toEqual([4n, 5n, 6n, 9n, 10n]);
    partitions.committed(commits);
    expect(offsets()).toEqual([5n, 10n]);
    expect(partitions.uncommitted([record(5n, 2)])).toEqual([]);
    partitions.revoke(record(0n));
    expect(offsets()).toEqual([]);
  });

  it('hands what is settled to whoever takes over, by the commit alone', () => {
    const [commit] = withOneSlowFrame().offer();
    const successor = new Partitions();
    const { offset = null, metadata = null } = commit ?? {};
    expect(successor.assign(assigned(1, { committed: offset, metadata }))).toBeNull();
    const came = [5n, 6n, 7n, 8n, 9n, 10n].map((one) => successor.take(record(one)));
    expect(came).toEqual(['new', 'settled', 'settled', 'settled', 'settled', 'new']);
  });

  it('does without a map that cannot be believed or read, and says why', () => {
    const partitions = new Partitions();
    expect(partitions.assign(assigned(1, { committed: 5n, metadata: 'of another program' }))).toMatch(/of another/);
    expect(partitions.take(record(6n))).toBe('new');
    expect(partitions.assign(assigned(2, { problem: 'no answer' }))).toBe('no answer');
  });

  it('without room for a map commits the offset alone', () => {
    const partitions = new Partitions(0);
    partitions.assign(assigned());
    for (const offset of [5n, 6n]) partitions.take(record(offset));
    partitions.settle(record(6n));
    expect(partitions.offer()).toMatchObject([{ offset: 5n, metadata: '' }]);
  });

  it('does not offer again what the broker takes without its map', () => {
    const partitions = withOneSlowFrame();
    const taken = partitions.offer().map((commit) => ({ ...commit, metadata: '' }));
    partitions.committed(taken);
    expect(partitions.offer()).toEqual([]);
    partitions.settle(record(5n));
    expect(partitions.offer()).toMatchObject([{ offset: 10n }]);
  });

  it('forgets what an older epoch took, and ignores its late settlements and commits', () => {
    const partitions = owned();
    partitions.take(record(5n));
    const late = partitions.offer();
    partitions.revoke({ topic: 'frames', partition: 0 });
    partitions.assign(assigned(2));
    partitions.settle(record(5n));
    expect(partitions.committed(late)).toEqual([]);
    expect(partitions.offer()).toEqual([]);
    expect(partitions.take(record(5n, 2))).toBe('new');
    partitions.revoke({ topic: 'frames', partition: 0 });
    expect(partitions.isCurrent(record(5n, 2))).toBe(false);
    expect(partitions.all()).toEqual([]);
  });

  it('given back a partition as it left it, knows what it had settled since its last commit; else only what the commit says', () => {
    const lastCommit = { committed: 5n, metadata: '' };
    const afterRebalance = (committed: bigint, metadata: string) => {
      const partitions = new Partitions();
      partitions.assign(assigned(1, lastCommit));
      for (const offset of [5n, 6n, 7n]) partitions.take(record(offset));
      for (const offset of [5n, 7n]) partitions.settle(record(offset));
      partitions.revoke({ topic: 'frames', partition: 0 });
      partitions.assign(assigned(2, { committed, metadata }));
      return [5n, 6n, 7n, 8n].map((offset) => partitions.take(record(offset, 2)));
    };
    expect(afterRebalance(5n, '')).toEqual(['settled', 'new', 'settled', 'new']);
    expect(afterRebalance(4n, '')).toEqual(['new', 'new', 'new', 'new']);
    expect(afterRebalance(5n, encodeOffsetMap(5n, [{ from: 6n, to: 7n }], 100))).toEqual([
      'new',
      'settled',
      'new',
      'new',
    ]);
  });

  describe('assigned anew without a revoke', () => {
    const commitOf = (partitions: Partitions) => {
      const [commit] = partitions.offer();
      if (commit === undefined) throw new Error('Expected something to commit');
      return commit;
    };
    /** As `withOneSlowFrame`, and the broker has its commit. */
    const committed = () => {
      const partitions = withOneSlowFrame();
      const commit = commitOf(partitions);
      partitions.committed([commit]);
      return { partitions, commit };
    };
    const again = (partitions: Partitions) => [5n, 6n, 9n, 10n].map((offset) => partitions.take(record(offset, 2)));

    it('goes on with what is in hand where its commit is the last one it knows', () => {
      const { partitions, commit } = committed();
      const { offset, metadata } = commit;
      expect(partitions.assign(assigned(2, { committed: offset, metadata }))).toBeNull();
      expect(partitions.isCurrent(record(5n, 1))).toBe(true);
      expect(again(partitions)).toEqual(['again', 'again', 'again', 'new']);
      partitions.settle(record(5n, 1));
      expect(partitions.offer()).toMatchObject([{ epoch: 2, offset: 10n, metadata: '' }]);
    });

    it('goes on where nobody has committed anything', () => {
      const partitions = withOneSlowFrame();
      partitions.assign(assigned(2));
      expect(again(partitions)).toEqual(['again', 'again', 'again', 'new']);
    });

    it('goes on where its commit has landed and nobody has said so', () => {
      const partitions = withOneSlowFrame();
      const sent = commitOf(partitions);
      partitions.assign(assigned(2, { committed: sent.offset, metadata: sent.metadata }));
      expect(again(partitions)).toEqual(['again', 'again', 'again', 'new']);
      expect(partitions.committed([sent])).toEqual([sent]);
    });

    it('what it offered and the source dropped is offered again', () => {
      const { partitions, commit } = committed();
      partitions.settle(record(5n));
      const dropped = commitOf(partitions);
      partitions.assign(assigned(2, { committed: commit.offset, metadata: commit.metadata }));
      expect(partitions.committed([])).toEqual([]);
      expect(partitions.offer()).toEqual([{ ...dropped, epoch: 2 }]);
    });

    it.each([
      ['somebody else has committed', { committed: 7n, metadata: '' }],
      ['the commit is gone', {}],
      ['it cannot be read', { committed: 5n, metadata: '', problem: 'no answer' }],
    ])('begins anew where %s', (_, now) => {
      const { partitions } = committed();
      partitions.assign(assigned(2, now));
      expect(partitions.isCurrent(record(5n, 1))).toBe(false);
      expect(partitions.take(record(7n, 2))).toBe('new');
    });
  });
});
