import { describe, expect, it } from 'vitest';
import { limited } from '../../../../src/adapters/codec/decode-limit.ts';
import { queued } from '../../../../src/adapters/codec/decode-queue.ts';
import type { FrameDecoder } from '../../../../src/ports.ts';
import { ManualClock } from '../../../fakes/manual-clock.ts';

const IMAGE = { kind: 'image' } as const;

/** A decoder whose decodes end when told to, by the first byte of their frame. */
function setUp(maxHung = 2) {
  const clock = new ManualClock();
  const ends = new Map<number, () => void>();
  const inner: FrameDecoder = {
    decode: (bytes) => new Promise((resolve) => ends.set(bytes[0] ?? 0, () => resolve(Uint8Array.of(bytes[0] ?? 0)))),
  };
  const decoder = limited(inner, { limitMs: 1000, maxHung, after: (ms, then) => clock.after(ms, then) });
  const decode = (id: number) => decoder.decode(Uint8Array.of(id), IMAGE, null);
  return { clock, decoder, decode, end: (id: number) => ends.get(id)?.(), begun: ends };
}

describe('a limited decoder', () => {
  it('lets a decode that ends in time through, and forgets its limit', async () => {
    const { clock, decode, end } = setUp();
    const decoding = decode(7);
    clock.advance(999);
    end(7);
    expect([...(await decoding)]).toEqual([7]);
    expect(clock.pending).toBe(0);
  });

  it('lets the errors of the decoder through', async () => {
    const { clock } = setUp();
    const refusing: FrameDecoder = { decode: () => Promise.reject(new Error('no image')) };
    const decoder = limited(refusing, { limitMs: 1000, maxHung: 2, after: (ms, then) => clock.after(ms, then) });
    await expect(decoder.decode(Uint8Array.of(1), IMAGE, null)).rejects.toThrow('no image');
    expect(clock.pending).toBe(0);
  });

  it('gives a decode up that takes longer: the frame is to blame', async () => {
    const { clock, decode } = setUp();
    const decoding = decode(1);
    clock.advance(1000);
    await expect(decoding).rejects.toMatchObject({ code: 'bad-image', message: /within 1000 ms/ });
  });

  it('says so once as many hang as may, and nothing is begun any more: the decoder is to blame', async () => {
    const { clock, decode, begun } = setUp();
    const first = decode(1);
    clock.advance(1000);
    await expect(first).rejects.toMatchObject({ code: 'bad-image' });
    const second = decode(2);
    clock.advance(1000);
    await expect(second).rejects.toMatchObject({ code: 'decoder-hung' });
    await expect(decode(3)).rejects.toMatchObject({ code: 'decoder-hung' });
    expect([...begun.keys()]).toEqual([1, 2]);
  });

  it('a decode that ends late after all hangs no more', async () => {
    const { clock, decoder, decode, end } = setUp(1);
    const late = decode(1);
    clock.advance(1000);
    await expect(late).rejects.toMatchObject({ code: 'decoder-hung' });
    expect(decoder.hung).toBe(1);
    end(1);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    const next = decode(2);
    end(2);
    expect([...(await next)]).toEqual([2]);
    expect(decoder.hung).toBe(0);
  });

  it('inside the queue: a hanging decode makes room for the next, and waiting does not count', async () => {
    const { clock, decoder, end } = setUp();
    const after = (ms: number, then: () => void) => clock.after(ms, then);
    const queue = queued(decoder, { places: 1, overtimeAfterMs: 5000, mostOvertime: () => 0, after });
    const hanging = queue.decode(Uint8Array.of(1), IMAGE, 100);
    const good = queue.decode(Uint8Array.of(2), IMAGE, 200);
    clock.advance(1000);
    await expect(hanging).rejects.toMatchObject({ code: 'bad-image' });
    clock.advance(999);
    end(2);
    expect([...(await good)]).toEqual([2]);
  });
});
