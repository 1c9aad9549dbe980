import { describe, expect, it } from 'vitest';
import { queued } from '../../../../src/adapters/codec/decode-queue.ts';
import type { FrameDecoder } from '../../../../src/ports.ts';
import { ManualClock } from '../../../fakes/manual-clock.ts';

const IMAGE = { kind: 'image' } as const;
const AFTER_MS = 500;

/** A decoder that tells which frame (its first byte) it begins, and ends it when told to. */
function manualDecoder() {
  const begun: number[] = [];
  const ends = new Map<number, (pixels: Uint8Array) => void>();
  const decoder: FrameDecoder = {
    decode: (bytes) => {
      const id = bytes[0] ?? 0;
      begun.push(id);
      return new Promise((resolve) => ends.set(id, resolve));
    },
  };
  return { decoder, begun, end: (id: number) => ends.get(id)?.(Uint8Array.of(id)) };
}

/** So many places, and so many decodes that may go on without one. */
function setUp(places: number, most = 0) {
  const { decoder, begun, end } = manualDecoder();
  const clock = new ManualClock();
  const after = (ms: number, then: () => void) => clock.after(ms, then);
  const queue = queued(decoder, { places, overtimeAfterMs: AFTER_MS, mostOvertime: () => most, after });
  const decode = (id: number) => queue.decode(Uint8Array.of(id), IMAGE, null);
  /** What is told now has had its consequences. */
  const turns = async () => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return { clock, queue, decode, begun, end, turns };
}

describe('queued', () => {
  it('runs as many as it may, then the earliest deadline, frames without one last', async () => {
    const { queue, begun, end, turns } = setUp(2);
    const deadlines = new Map([
      [1, 900],
      [2, 800],
      [3, null],
      [4, 700],
      [5, 300],
      [6, null],
      [7, 500],
    ]);
    const done = [...deadlines].map(([id, deadline]) => queue.decode(Uint8Array.of(id), IMAGE, deadline));
    expect(begun).toEqual([1, 2]);
    for (const id of [1, 2, 5, 7, 4, 3]) {
      end(id);
      await done[id - 1];
      await turns();
    }
    expect(begun).toEqual([1, 2, 5, 7, 4, 3, 6]);
    end(6);
    expect((await Promise.all(done)).map(([id]) => id)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('a decode that takes long goes on without its place, and the next begins', async () => {
    const { clock, decode, begun, end, turns } = setUp(1, 1);
    const slow = decode(1);
    const next = decode(2);
    clock.advance(AFTER_MS - 1);
    await turns();
    expect(begun).toEqual([1]);
    clock.advance(1);
    await turns();
    expect(begun).toEqual([1, 2]);
    end(2);
    expect(await next).toEqual(Uint8Array.of(2));
    end(1);
    expect(await slow).toEqual(Uint8Array.of(1));
    await turns();
    expect(clock.pending).toBe(0);
  });

  it('so many at most: one more keeps its place to its end, and once one of them has ended another may', async () => {
    const { clock, decode, begun, end, turns } = setUp(1, 1);
    for (const id of [1, 2, 3, 4, 5]) void decode(id);
    clock.advance(AFTER_MS);
    await turns();
    clock.advance(1000 * AFTER_MS);
    await turns();
    expect(begun).toEqual([1, 2]);
    end(1);
    await turns();
    expect(begun).toEqual([1, 2]);
    end(2);
    await turns();
    expect(begun).toEqual([1, 2, 3]);
    clock.advance(AFTER_MS);
    await turns();
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  it('a decode that fails gives its place back, in overtime and before', async () => {
    const clock = new ManualClock();
    const fails = new Map<number, () => void>();
    const decoder: FrameDecoder = {
      decode: (bytes) =>
        new Promise((_, reject) => fails.set(bytes[0] ?? 0, () => reject(new Error(`no image ${bytes[0]}`)))),
    };
    const after = (ms: number, then: () => void) => clock.after(ms, then);
    const queue = queued(decoder, { places: 1, overtimeAfterMs: AFTER_MS, mostOvertime: () => 1, after });
    const [first, second, third] = [1, 2, 3].map((id) => queue.decode(Uint8Array.of(id), IMAGE, null));
    clock.advance(AFTER_MS);
    for (const [id, decoding] of [
      [1, first],
      [2, second],
      [3, third],
    ] as const) {
      await expect.poll(() => fails.has(id)).toBe(true);
      fails.get(id)?.();
      await expect(decoding).rejects.toThrow(`no image ${id}`);
    }
    expect(clock.pending).toBe(0);
  });

  it('does not decode what nobody wants when its turn comes', async () => {
    const { queue, begun } = setUp(1);
    const unwanted = queue.decode(Uint8Array.of(1), IMAGE, null, () => false);
    await expect(unwanted).rejects.toMatchObject({ code: 'stopped' });
    expect(begun).toEqual([]);
  });
});
