// How many of these frames can be decoded a second, the way the worker decodes them.
import type { FrameDecoder } from '../../ports.ts';
import type { FramePool } from '../frame-pool.ts';

/** Long enough to pass the first calls' set-up, short enough to be no wait. */
const FRAMES = 128;

/** Frames a second; frames that do not decode count as decoded (their refusal takes its time too). */
export async function measureDecodeRate(decoder: FrameDecoder, pool: FramePool): Promise<number> {
  const decodeSome = (from: number, count: number) =>
    Promise.allSettled(
      Array.from({ length: count }, (_, i) => decoder.decode(pool.at(from + i).bytes, { kind: 'image' }, null)),
    );
  await decodeSome(0, FRAMES / 8);
  const begin = performance.now();
  await decodeSome(0, FRAMES);
  return (FRAMES * 1000) / Math.max(1, performance.now() - begin);
}
