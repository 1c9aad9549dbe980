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

  it('asks for no more memory than there is, and says what would fit', () => {
    const tooMany =
      /Expected the pixels of all frames to take at most .* GiB .*got 11 frames or more of 3 bytes.*--limit/;
    expect(() => new PixelBlock(3, 11, 30)).toThrow(tooMany);
    const block = new PixelBlock(3, 6, 30); // twice as many would not fit, ten do
    for (let slot = 0; slot < 10; slot++) block.put(slot, Uint8Array.of(slot, slot, slot));
    expect(() => block.put(10, Uint8Array.of(1, 2, 3))).toThrow(tooMany);
    expect([...block.compact(new Array<boolean>(10).fill(true))]).toHaveLength(30);
    expect(() => new PixelBlock(2 ** 30, 2 ** 22)).toThrow(/got 4194304 frames or more/); // 4 PiB
  });
});
