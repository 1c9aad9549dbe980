import { describe, expect, it } from 'vitest';
import { inOrder } from '../../../src/training/in-order.ts';
import { collect } from '../../helpers/collect.ts';

describe('inOrder', () => {
  it('keeps so many under way and yields in order, whatever ends first', async () => {
    const ends: ((value: number) => void)[] = [];
    const results = inOrder(5, 3, () => new Promise<number>((resolve) => ends.push(resolve)));
    const first = results.next();
    expect(ends).toHaveLength(3);
    ends[2]?.(12);
    ends[1]?.(11);
    ends[0]?.(10);
    expect((await first).value).toBe(10);
    expect(ends).toHaveLength(3); // the next begins when the next is asked for
    expect((await results.next()).value).toBe(11);
    expect(ends).toHaveLength(4);
    expect((await results.next()).value).toBe(12);
    ends[4]?.(14);
    ends[3]?.(13);
    expect(await collect(results)).toEqual([13, 14]);
  });

  it('throws a failure at its place', async () => {
    const make = async (i: number) => {
      if (i === 1) throw new Error('second');
      return i;
    };
    const results = inOrder(3, 3, make);
    expect((await results.next()).value).toBe(0);
    await expect(results.next()).rejects.toThrow('second');
    expect((await results.next()).done).toBe(true);
  });
});
