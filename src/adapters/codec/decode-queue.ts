// Bounds how many decodes run at once, the earliest due first (p-queue), and leaves out what nobody wants any more when its turn comes.
// A decode that takes long leaves its place to the next, so that one slow frame does not slow the others down. A decorator: any
// FrameDecoder goes in, one comes out. How long a decode may take at most is decode-limit.ts' concern.
import PQueue from 'p-queue';
import type { After } from '../../core/patience.ts';
import { AnytimeError } from '../../errors.ts';
import type { FrameDecoder, Pixels } from '../../ports.ts';

export interface DecodePlaces {
  /** Decodes that run at once, those in overtime besides. */
  readonly places: number;
  /** A decode that runs for longer goes on without a place … */
  readonly overtimeAfterMs: number;
  /** … while fewer than so many do, asked when it comes to that. One more keeps its place to its end. */
  readonly mostOvertime: () => number;
  readonly after: After;
}

/** Of what is due at no time: last. */
const NOT_DUE = Number.MAX_SAFE_INTEGER;

/** Errors: as the decoder's, and stopped for what nobody wants any more. */
export function queued(decoder: FrameDecoder, options: DecodePlaces): FrameDecoder {
  const { places, overtimeAfterMs, mostOvertime, after } = options;
  const queue = new PQueue({ concurrency: places });
  let overtime = 0;

  /** Resolves when the decode's place is free. */
  function untilFree(decoding: Promise<void>): Promise<void> {
    return new Promise((free) => {
      let isOvertime = false;
      const cancel = after(overtimeAfterMs, () => {
        if (overtime >= mostOvertime()) return;
        isOvertime = true;
        overtime += 1;
        free();
      });
      void decoding.then(() => {
        cancel();
        if (isOvertime) overtime -= 1;
        free();
      });
    });
  }

  return {
    decode(bytes, format, due, isWanted = () => true) {
      return new Promise<Pixels>((resolve, reject) => {
        const turn = async () => {
          if (isWanted()) await untilFree(decoder.decode(bytes, format, due).then(resolve, reject));
          else reject(new AnytimeError('stopped', 'Not decoded: nobody waits for this frame any more'));
        };
        void queue.add(turn, { priority: -(due ?? NOT_DUE) });
      });
    },
  };
}
