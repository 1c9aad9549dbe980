// The offset map as text: what goes in comes out, within the bound, and nothing damaged or foreign is believed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeOffsetMap, encodeOffsetMap } from '../../../src/core/offset-map.ts';
import type { OffsetRange } from '../../../src/core/offset-ranges.ts';

const BASE = 1_000_000n;

/** Ranges above a committed offset from pairs of (offsets open, offsets settled). */
function rangesOf(base: bigint, pairs: readonly (readonly [number, number])[]): OffsetRange[] {
  let at = base;
  return pairs.map(([open, settled]) => {
    const from = at + BigInt(open);
    at = from + BigInt(settled);
    return { from, to: at };
  });
}

const runLength = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3000 }));
const pairs = (maxLength: number) => fc.array(fc.tuple(runLength, runLength), { maxLength });
const anyBase = fc.bigInt({ min: 0n, max: 2n ** 63n - 2n ** 40n });

describe('an offset map', () => {
  it('is empty text where nothing above the committed offset is settled', () => {
    expect(encodeOffsetMap(BASE, [], 3500)).toBe('');
    for (const none of ['', null]) expect(decodeOffsetMap(none, BASE)).toEqual({ settled: [], problem: null });
  });

  it('comes out as it went in, where it fits', () => {
    fc.assert(
      fc.property(anyBase, pairs(200), (base, lengths) => {
        const settled = rangesOf(base, lengths);
        const text = encodeOffsetMap(base, settled, 1e6);
        expect(decodeOffsetMap(text, base)).toEqual({ settled, problem: null });
      }),
    );
  });

  it('never passes its bound, tells the lowest offsets first, and never calls settled what is not', () => {
    fc.assert(
      fc.property(anyBase, pairs(2000), fc.nat(3500), (base, lengths, bound) => {
        const settled = rangesOf(base, lengths);
        const text = encodeOffsetMap(base, settled, bound);
        expect(text.length).toBeLessThanOrEqual(bound);
        expect(text).toMatch(/^[\w-]*$/);
        const told = decodeOffsetMap(text, base);
        expect(told.problem).toBeNull();
        const whole = told.settled.slice(0, -1);
        expect(whole).toEqual(settled.slice(0, whole.length));
        const last = told.settled.at(-1);
        if (last === undefined) return;
        expect(last.from).toBe(settled[whole.length]?.from);
        expect(last.to).toBeLessThanOrEqual(settled[whole.length]?.to ?? 0n);
      }),
      { numRuns: 300 },
    );
  });

  it('takes runs for long runs and bits for short ones', () => {
    const every = (step: number, count: number) =>
      rangesOf(
        BASE,
        Array.from({ length: count }, () => [1, step - 1] as const),
      );
    const long = encodeOffsetMap(BASE, every(500, 100), 3500);
    const short = encodeOffsetMap(BASE, every(2, 8000), 3500);
    expect(long.slice(0, 3)).toBe('a1r');
    expect(short.slice(0, 3)).toBe('a1b');
    expect(decodeOffsetMap(short, BASE).settled).toHaveLength(8000);
    // 2,000 frames in hand (the default) among 20,000 that are settled still fit, one settled run between each two.
    expect(decodeOffsetMap(encodeOffsetMap(BASE, every(10, 2000), 3500), BASE).settled).toHaveLength(2000);
  });

  it('is not believed when it is damaged, of another offset, or not ours', () => {
    const text = encodeOffsetMap(BASE, [{ from: BASE + 5n, to: BASE + 900n }], 3500);
    const problem = (metadata: string, committed: bigint | null = BASE) => {
      const told = decodeOffsetMap(metadata, committed);
      expect(told.settled).toEqual([]);
      return told.problem;
    };
    for (let cut = 1; cut < text.length; cut++) expect(problem(text.slice(0, cut))).toMatch(/^Expected an offset map/);
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === 'x' ? 'y' : 'x';
      expect(problem(text.slice(0, at) + other + text.slice(at + 1))).toMatch(/^Expected an offset map/);
    }
    expect(problem(text, BASE + 1n)).toMatch(/to belong to the committed offset 1000001, got one of 1000000/);
    expect(problem(text, null)).toMatch(/got one of 1000000/);
    expect(problem('{"consumed":"by somebody else"}')).toMatch(/to begin with a1r or a1b, got "{/);
  });

  it('is not believed, and throws nothing, whatever text stands there', () => {
    const text = fc.oneof(
      fc.string(),
      fc.base64String().map((body) => `a1r${body}`),
      fc.base64String().map((body) => `a1b${body}`),
    );
    fc.assert(
      fc.property(text, (metadata) => {
        const { settled, problem } = decodeOffsetMap(metadata, 0n);
        expect(settled).toEqual([]);
        expect(problem === null).toBe(metadata === '');
      }),
    );
  });
});
