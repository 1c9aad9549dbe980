// Epochs and ledgers of the partitions in hand.
import { describe, expect, it } from 'vitest';
import { Partitions } from '../../../src/pipeline/partitions.ts';
import { frameRecord } from '../../helpers/records.ts';

const record = (offset: bigint, epoch = 1) => frameRecord({ offset, epoch });
const owned = (epoch = 1) => {
  const partitions = new Partitions();
  partitions.assign({ topic: 'frames', partition: 0, epoch });
  return partitions;
};

describe('Partitions', () => {
  it('takes each record of the present epoch once, and none of another', () => {
    const partitions = owned(2);
    expect(partitions.take(record(5n, 2))).toBe(true);
    expect(partitions.take(record(5n, 2))).toBe(false);
    expect(partitions.take(record(6n, 1))).toBe(false);
    expect(new Partitions().take(record(0n))).toBe(false);
  });

  it('offers each committable offset once, under its epoch', () => {
    const partitions = owned();
    for (const offset of [5n, 6n]) partitions.take(record(offset));
    partitions.settle(record(6n));
    expect(partitions.uncommitted().map(({ offset }) => offset)).toEqual([5n]);
    partitions.settle(record(5n));
    const commits = partitions.uncommitted();
    expect(commits).toEqual([{ topic: 'frames', partition: 0, epoch: 1, offset: 7n, metadata: '' }]);
    partitions.committed(commits);
    expect(partitions.uncommitted()).toEqual([]);
  });

  it('forgets what an older epoch took, and ignores its late settlements', () => {
    const partitions = owned();
    partitions.take(record(5n));
    partitions.assign({ topic: 'frames', partition: 0, epoch: 2 });
    partitions.settle(record(5n));
    expect(partitions.uncommitted()).toEqual([]);
    expect(partitions.take(record(5n, 2))).toBe(true);
    partitions.revoke({ topic: 'frames', partition: 0 });
    expect(partitions.isCurrent(record(5n, 2))).toBe(false);
    expect(partitions.all()).toEqual([]);
  });
});
