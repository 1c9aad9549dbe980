// Bounds how many decodes run at once, earliest deadline first (p-queue), and leaves out what nobody wants any more when its turn comes.
// A decorator: any FrameDecoder goes in, one comes out. How long a decode may take is decode-limit.ts' concern.
import PQueue from 'p-queue';
import { AnytimeError } from '../../errors.ts';
import type { FrameDecoder, Pixels } from '../../ports.ts';

/** Priority of frames without a deadline: after every deadline. */
const NO_DEADLINE = Number.MAX_SAFE_INTEGER;

/** A decode's place is free when the decoder has answered. Errors: as the decoder's, and stopped for what nobody wants any more. */
export function queued(decoder: FrameDecoder, concurrency: number): FrameDecoder {
  const queue = new PQueue({ concurrency });
  return {
    decode(bytes, format, deadline, isWanted = () => true) {
      return new Promise<Pixels>((resolve, reject) => {
        const turn = async () => {
          if (!isWanted()) {
            reject(new AnytimeError('stopped', 'Not decoded: nobody waits for this frame any more'));
            return;
          }
          try {
            resolve(await decoder.decode(bytes, format, deadline));
          } catch (error) {
            reject(error);
          }
        };
        void queue.add(turn, { priority: -(deadline ?? NO_DEADLINE) });
      });
    },
  };
}
