// Bounds how many decodes run at once, earliest deadline first (p-queue), and leaves out what nobody wants any more when its turn
// comes. A decorator: any FrameDecoder goes in, one comes out.
import PQueue from 'p-queue';
import { AnytimeError } from '../../errors.ts';
import type { FrameDecoder } from '../../ports.ts';

/** Priority of frames without a deadline: after every deadline. */
const NO_DEADLINE = Number.MAX_SAFE_INTEGER;

export function queued(decoder: FrameDecoder, concurrency: number): FrameDecoder {
  const queue = new PQueue({ concurrency });
  return {
    decode(bytes, format, deadline, isWanted = () => true) {
      const turn = async () => {
        if (!isWanted()) throw new AnytimeError('stopped', 'Not decoded: nobody waits for this frame any more');
        return await decoder.decode(bytes, format, deadline);
      };
      return queue.add(turn, { priority: -(deadline ?? NO_DEADLINE) });
    },
  };
}
