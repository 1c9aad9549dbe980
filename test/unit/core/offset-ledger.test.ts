// The ledger's two promises: the committable offset never passes an offset that is taken and not settled, and nothing is called
// settled that is not.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OffsetLedger } from '../../../src/core/offset-ledger.ts';

describe('OffsetLedger', () => {
  it('has nothing to commit before the first record', () => {
    expect(new OffsetLedger().committable()).toBeNull();
  });

  it('stays at an open offset however much above it is settled', () => {
    const ledger = new OffsetLedger();
    for (const offset of [10n, 11n, 12n]) ledger.take(offset);
    ledger.settle(12n);
    ledger.settle(11n);
    expect(ledger.committable()).toBe(10n);
    ledger.settle(10n);
    expect(ledger.committable()).toBe(13n);
  });

  it('takes a redelivered offset only once', () => {
    const ledger = new OffsetLedger();
    expect(ledger.take(5n)).toBe('new');
    expect(ledger.take(5n)).toBe('again');
    ledger.settle(5n);
    expect(ledger.take(5n)).toBe('again');
  });

  it('tells what is settled above the committable offset, gaps included', () => {
    const ledger = new OffsetLedger();
    for (const offset of [10n, 11n, 12n, 15n, 16n]) ledger.take(offset);
    ledger.settle(12n);
    ledger.settle(16n);
    expect(ledger.settledAbove()).toEqual([
      { from: 12n, to: 15n },
      { from: 16n, to: 17n },
    ]);
    ledger.settle(10n);
    ledger.settle(11n);
    expect(ledger.committable()).toBe(15n);
    expect(ledger.settledAbove()).toEqual([{ from: 16n, to: 17n }]);
  });

  it('settles what it inherited as it comes, and goes on telling of what has not come yet', () => {
    const settled = [
      { from: 12n, to: 14n },
      { from: 20n, to: 30n },
    ];
    const ledger = new OffsetLedger({ committed: 10n, settled });
    expect(ledger.committable()).toBeNull();
    expect([10n, 11n, 12n].map((offset) => ledger.take(offset))).toEqual(['new', 'new', 'settled']);
    expect(ledger.settledAbove()).toEqual(settled);
    ledger.settle(11n);
    expect(ledger.settledAbove()).toEqual([{ from: 11n, to: 14n }, settled[1]]);
    ledger.settle(10n);
    expect(ledger.committable()).toBe(14n);
    expect(ledger.settledAbove()).toEqual([settled[1]]);
    expect(ledger.take(14n)).toBe('new');
    expect(ledger.take(25n)).toBe('settled');
    expect(ledger.take(30n)).toBe('new');
  });

  it('believes nothing inherited once the partition is read from below the committed offset', () => {
    const ledger = new OffsetLedger({ committed: 10n, settled: [{ from: 12n, to: 14n }] });
    expect([9n, 10n, 11n, 12n, 13n].map((offset) => ledger.take(offset))).toEqual(['new', 'new', 'new', 'new', 'new']);
    expect(ledger.settledAbove()).toEqual([]);
  });

  it('agrees with the plain definition for every order of settling, with gaps', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 30 });
    const run = fc.tuple(gaps, fc.array(fc.nat(40), { maxLength: 60 }));
    fc.assert(
      fc.property(run, ([steps, settles]) => {
        const ledger = new OffsetLedger();
        const offsets: bigint[] = [];
        let at = 0n;
        for (const step of steps) {
          at += BigInt(step);
          offsets.push(at);
          ledger.take(at);
        }
        const settled = new Set<bigint>();
        for (const pick of settles) {
          const offset = offsets[pick % offsets.length] as bigint;
          ledger.settle(offset);
          settled.add(offset);
          const firstOpen = offsets.find((o) => !settled.has(o));
          expect(ledger.committable()).toBe(firstOpen ?? at + 1n);
          expect(ledger.openCount).toBe(offsets.length - settled.size);
        }
      }),
    );
  });
});
