import { afterEach, describe, expect, it, vi } from 'vitest';
import { queued } from '../../../../src/adapters/codec/decode-queue.ts';
import type { FrameDecoder } from '../../../../src/ports.ts';

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

afterEach(() => vi.useRealTimers());

describe('queued', () => {
  it('runs as many as it may, then the earliest deadline, frames without one last', async () => {
    const { decoder, begun, end } = manualDecoder();
    const queue = queued(decoder, 2);
    const deadlines = new Map([
      [1, 900],
      [2, 800],
      [3, null],
      [4, 700],
      [5, 300],
      [6, null],
      [7, 500],
    ]);
    const done = [...deadlines].map(([id, deadline]) => queue.decode(Uint8Array.of(id), { kind: 'image' }, deadline));
    expect(begun).toEqual([1, 2]);
    for (const id of [1, 2, 5, 7, 4, 3]) {
      end(id);
      await done[id - 1];
      await Promise.resolve();
    }
    expect(begun).toEqual([1, 2, 5, 7, 4, 3, 6]);
    end(6);
    expect((await Promise.all(done)).map(([id]) => id)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('waits for as long as the decoder does: time limits are not its own', async () => {
    vi.useFakeTimers();
    const { decoder, begun, end } = manualDecoder();
    const queue = queued(decoder, 1);
    const slow = queue.decode(Uint8Array.of(1), { kind: 'image' }, null);
    const next = queue.decode(Uint8Array.of(2), { kind: 'image' }, null);
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(begun).toEqual([1]);
    end(1);
    expect(await slow).toEqual(Uint8Array.of(1));
    await vi.advanceTimersByTimeAsync(0);
    expect(begun).toEqual([1, 2]);
    end(2);
    expect(await next).toEqual(Uint8Array.of(2));
  });

  it('does not decode what nobody wants when its turn comes', async () => {
    const { decoder, begun } = manualDecoder();
    const unwanted = queued(decoder, 1).decode(Uint8Array.of(1), { kind: 'image' }, null, () => false);
    await expect(unwanted).rejects.toMatchObject({ code: 'stopped' });
    expect(begun).toEqual([]);
  });
});
