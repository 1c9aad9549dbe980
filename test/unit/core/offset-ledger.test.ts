// The ledger's one promise: the committable offset never passes an offset that is taken and not settled.
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
    expect(ledger.take(5n)).toBe(true);
    expect(ledger.take(5n)).toBe(false);
    ledger.settle(5n);
    expect(ledger.take(5n)).toBe(false);
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
