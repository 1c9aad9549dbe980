// Ranges are sets of offsets.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isAmong, joinRanges, type OffsetRange } from '../../../src/core/offset-ranges.ts';

const range = fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 12 })).map(([from, length]) => ({
  from: BigInt(from),
  to: BigInt(from + length),
}));
const offsetsOf = (ranges: readonly OffsetRange[]) =>
  ranges.flatMap(({ from, to }) => Array.from({ length: Number(to - from) }, (_, i) => from + BigInt(i)));

it('joins to ascending ranges that are apart, with the offsets of both from the least one on', () => {
  fc.assert(
    fc.property(fc.array(range), fc.array(range), fc.nat(40), (a, b, from) => {
      const least = BigInt(from);
      const joined = joinRanges(a, b, least);
      const wanted = new Set([...offsetsOf(a), ...offsetsOf(b)].filter((offset) => offset >= least));
      expect(offsetsOf(joined)).toEqual([...wanted].sort((one, other) => Number(one - other)));
      for (const [i, { from: start }] of joined.entries())
        if (i > 0) expect(start).toBeGreaterThan(joined[i - 1]?.to ?? 0n);
    }),
  );
});

it('finds in them what they have, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(range), (some) => {
      const ranges = joinRanges(some, [], 0n);
      const has = new Set(offsetsOf(ranges));
      for (let offset = 0n; offset < 80n; offset++) expect(isAmong(offset, ranges)).toBe(has.has(offset));
    }),
  );
});
