import { describe, expect, it } from 'vitest';
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
});
