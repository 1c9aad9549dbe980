import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PixelBlock } from '../../../../src/training/data-set/pixel-block.ts';

describe('PixelBlock', () => {
  it('gives back what was kept, in order, whatever the order of filling and the size expected', () => {
    const slots = fc.array(fc.boolean(), { maxLength: 40 });
    fc.assert(
      fc.property(slots, fc.integer({ min: 0, max: 50 }), fc.infiniteStream(fc.nat(1e6)), (isKept, expected, keys) => {
        const block = new PixelBlock(3, expected);
        const filled = [...isKept.keys()].filter((slot) => isKept[slot]);
        const order = filled.map((slot) => [keys.next().value, slot] as const).sort(([a], [b]) => a - b);
        for (const [, slot] of order) block.put(slot, Uint8Array.of(slot, slot + 1, slot + 2));
        expect([...block.compact(isKept)]).toEqual(filled.flatMap((slot) => [slot, slot + 1, slot + 2]));
      }),
    );
  });
});
