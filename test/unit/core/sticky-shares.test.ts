// Shares of a topic's partitions: every partition once, even, and nothing moves that need not.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Claim, stickyShares } from '../../../src/core/sticky-shares.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const claim = (memberId: string, owned: number[] = [], since = 0): Claim => ({ memberId, owned, since });
const sizes = (shares: Map<string, number[]>) => [...shares.values()].map(({ length }) => length);
const claimsOf = (shares: Map<string, number[]>) => [...shares].map(([id, owned]) => claim(id, owned));

describe('stickyShares', () => {
  it('gives all to one, and nothing to nobody', () => {
    expect(stickyShares([0, 1, 2], [claim('a')])).toEqual(new Map([['a', [0, 1, 2]]]));
    expect(stickyShares([0, 1], [])).toEqual(new Map());
  });

  it('takes from those that have for one that comes, and no more than its share', () => {
    const shares = stickyShares(numbers(6), [claim('a', [0, 2, 4]), claim('b', [1, 3, 5]), claim('0')]);
    expect(shares).toEqual(
      new Map([
        ['0', [4, 5]],
        ['a', [0, 2]],
        ['b', [1, 3]],
      ]),
    );
  });

  it('spreads the partitions of one that left, the others keep theirs', () => {
    const shares = stickyShares(numbers(6), [claim('a', [0, 1]), claim('b', [2, 3])]);
    expect(shares.get('a')).toEqual([0, 1, 4]);
    expect(shares.get('b')).toEqual([2, 3, 5]);
  });

  it('of two that claim a partition the later has it: the other was away', () => {
    const shares = stickyShares(numbers(2), [claim('a', [0, 1], 100), claim('b', [0], 200)]);
    expect(shares.get('b')).toEqual([0]);
    expect(shares.get('a')).toEqual([1]);
  });

  const count = fc.nat(12);
  const claims = fc.uniqueArray(
    fc.record({ memberId: fc.string({ minLength: 1 }), owned: fc.array(fc.nat(15)), since: fc.nat(3) }),
    { selector: ({ memberId }) => memberId, minLength: 1, maxLength: 6 },
  );

  it('whatever is claimed: every partition once, shares even, the order of the members changes nothing', () => {
    fc.assert(
      fc.property(count, claims, (partitions, claimed) => {
        const shares = stickyShares(numbers(partitions), claimed);
        expect([...shares.values()].flat().sort((a, b) => a - b)).toEqual(numbers(partitions));
        expect(Math.max(...sizes(shares)) - Math.min(...sizes(shares))).toBeLessThanOrEqual(1);
        expect(stickyShares(numbers(partitions), [...claimed].reverse())).toEqual(shares);
      }),
    );
  });

  it('is at rest: who has even shares keeps them; who comes or leaves moves no more partitions than must', () => {
    fc.assert(
      fc.property(count, fc.integer({ min: 1, max: 5 }), (partitions, members) => {
        const first = stickyShares(
          numbers(partitions),
          numbers(members).map((i) => claim(`m${i}`)),
        );
        expect(stickyShares(numbers(partitions), claimsOf(first))).toEqual(first);
        const grown = stickyShares(numbers(partitions), [...claimsOf(first), claim('new')]);
        for (const [id, before] of first) expect(before).toEqual(expect.arrayContaining(grown.get(id) ?? []));
        const left = claimsOf(first).slice(1);
        const shrunk = stickyShares(numbers(partitions), left);
        for (const { memberId, owned } of left)
          expect(shrunk.get(memberId)).toEqual(expect.arrayContaining([...owned]));
      }),
    );
  });
});
