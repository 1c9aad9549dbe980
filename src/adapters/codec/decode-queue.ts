// Bounds how many decodes run at once, earliest deadline first (p-queue), leaves out what nobody wants any more when its turn comes, and
// gives up on a frame that takes too long. A decorator: any FrameDecoder goes in, one comes out.
import PQueue from 'p-queue';
import { AnytimeError } from '../../errors.ts';
import type { FrameDecoder, Pixels } from '../../ports.ts';

/** Priority of frames without a deadline: after every deadline. */
const NO_DEADLINE = Number.MAX_SAFE_INTEGER;
/** The largest allowed image takes about one; native code cannot be stopped, so this is for what went wrong in it. */
const MAX_DECODE_MS = 10_000;

/**
 * A decode that takes longer than `maxMs` from its turn on is bad-image for who waits for it. Its place is free when it ends: until
 * then it holds a thread that another decode would wait for.
 */
export function queued(decoder: FrameDecoder, concurrency: number, maxMs = MAX_DECODE_MS): FrameDecoder {
  const queue = new PQueue({ concurrency });
  return {
    decode(bytes, format, deadline, isWanted = () => true) {
      return new Promise<Pixels>((resolve, reject) => {
        const turn = async () => {
          if (!isWanted()) {
            reject(new AnytimeError('stopped', 'Not decoded: nobody waits for this frame any more'));
            return;
          }
          const late = `Expected an image that is decoded within ${maxMs} ms, got ${bytes.length} bytes that take longer`;
          const timer = setTimeout(() => reject(new AnytimeError('bad-image', late)), maxMs);
          try {
            resolve(await decoder.decode(bytes, format, deadline));
          } catch (error) {
            reject(error);
          } finally {
            clearTimeout(timer);
          }
        };
        void queue.add(turn, { priority: -(deadline ?? NO_DEADLINE) });
      });
    },
  };
}
