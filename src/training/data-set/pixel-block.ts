// One growing block of memory for the pixels of many frames, filled in any order, with gaps closed at the end.
import { constants } from 'node:buffer';
import { totalmem } from 'node:os';
import { constrainedMemory } from 'node:process';
import { AnytimeError } from '../../errors.ts';

const GIB = 2 ** 30;

export class PixelBlock {
  readonly #frameBytes: number;
  readonly #mostBytes: number;
  #bytes: Uint8Array;

  /**
   * `expected`: how many frames will come, if known; more may. `mostBytes`: what they may take. Errors, here and in `put`: bad-data-set
   * where they need more than that.
   */
  constructor(frameBytes: number, expected: number, mostBytes: number = mostBytesHere()) {
    this.#frameBytes = frameBytes;
    this.#mostBytes = mostBytes;
    this.#bytes = this.#block(frameBytes * Math.max(1, expected), expected);
  }

  put(slot: number, pixels: Uint8Array): void {
    const needed = (slot + 1) * this.#frameBytes;
    if (needed > this.#bytes.length) {
      const larger = this.#block(Math.max(needed, Math.min(this.#bytes.length * 2, this.#mostBytes)), slot + 1);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(pixels, slot * this.#frameBytes);
  }

  /** The pixels of the slots that are kept, in order, without gaps. The block is used up. */
  compact(isKept: readonly boolean[]): Uint8Array {
    let to = 0;
    for (const [slot, kept] of isKept.entries()) {
      if (!kept) continue;
      if (to !== slot)
        this.#bytes.copyWithin(to * this.#frameBytes, slot * this.#frameBytes, (slot + 1) * this.#frameBytes);
      to++;
    }
    return this.#bytes.subarray(0, to * this.#frameBytes);
  }

  #block(bytes: number, frames: number): Uint8Array {
    let cause: unknown;
    if (bytes <= this.#mostBytes) {
      try {
        return new Uint8Array(bytes);
      } catch (error) {
        cause = error; // the process may not have so much
      }
    }
    const gib = (of: number) => (of / GIB).toFixed(1);
    throw new AnytimeError(
      'bad-data-set',
      `Expected the pixels of all frames to take at most ${gib(this.#mostBytes)} GiB (half of the memory, and what one array may have), ` +
        `got ${frames} frames or more of ${this.#frameBytes} bytes: take a smaller input size, or fewer frames (\`--limit\`)`,
      cause === undefined ? {} : { cause },
    );
  }
}

/** Half of the machine's, or of the container's: they lie in memory twice while a block grows, and while frames are split. */
function mostBytesHere(): number {
  const constrained = constrainedMemory();
  const memory = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.min(memory / 2, constants.MAX_LENGTH);
}
