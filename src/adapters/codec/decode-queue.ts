// Bounds how many decodes run at once, earliest deadline first (p-queue). A decorator: any FrameDecoder goes in, one comes out.
import PQueue from 'p-queue';
import type { FrameDecoder } from '../../ports.ts';

/** Priority of frames without a deadline: after every deadline. */
const NO_DEADLINE = Number.MAX_SAFE_INTEGER;

export function queued(decoder: FrameDecoder, concurrency: number): FrameDecoder {
  const queue = new PQueue({ concurrency });
  return {
    decode: (bytes, format, deadline) =>
      queue.add(() => decoder.decode(bytes, format, deadline), { priority: -(deadline ?? NO_DEADLINE) }),
  };
}
