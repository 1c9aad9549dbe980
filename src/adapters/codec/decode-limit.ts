// A time limit on each decode. A decorator: any FrameDecoder goes in, one comes out; it belongs inside the queue, so that waiting for
// a turn does not count. A decode that is given up may go on for ever and keep its thread of the libuv pool: once as many hang as
// may run at once, decodes of good frames would be given up in turn. Then the process must end, and the frames are not to blame.
import { type After, patience } from '../../core/patience.ts';
import { AnytimeError } from '../../errors.ts';
import type { FrameDecoder, Pixels } from '../../ports.ts';

export interface DecodeLimit {
  readonly limitMs: number;
  /** Decodes given up that have not ended since, from which on nothing is decoded any more. */
  readonly maxHung: number;
  readonly after: After;
}

export interface LimitedDecoder extends FrameDecoder {
  /** Decodes given up that have not ended: each still has its thread. */
  readonly hung: number;
}

/** Errors: bad-image for a decode that took too long, decoder-hung once `maxHung` hang, else as the decoder's. */
export function limited(decoder: FrameDecoder, { limitMs, maxHung, after }: DecodeLimit): LimitedDecoder {
  let hung = 0;

  function beginOne(decoding: Promise<Pixels>): Promise<Pixels> {
    return new Promise((resolve, reject) => {
      let isGivenUp = false;
      const cancel = patience(after, limitMs, () => {
        isGivenUp = true;
        hung += 1;
        reject(hung >= maxHung ? decoderHung(hung) : tookTooLong(limitMs));
      });
      const over = () => {
        cancel();
        if (isGivenUp) hung -= 1;
      };
      decoding.finally(over).then(resolve, reject);
    });
  }

  return {
    get hung() {
      return hung;
    },
    async decode(...frame) {
      if (hung >= maxHung) throw decoderHung(hung);
      return await beginOne(decoder.decode(...frame));
    },
  };
}

function tookTooLong(limitMs: number): AnytimeError {
  return new AnytimeError(
    'bad-image',
    `Expected an image that is decoded within ${limitMs} ms, got one that takes longer`,
  );
}

function decoderHung(hung: number): AnytimeError {
  return new AnytimeError(
    'decoder-hung',
    `Expected decodes to end, got ${hung} that hang: frames wait for another process`,
  );
}
