// One growing block of memory for the pixels of many frames, filled in any order, with gaps closed at the end.
import { totalmem } from 'node:os';
import { constrainedMemory } from 'node:process';
import { AnytimeError } from '../../errors.ts';

const GIB = 2 ** 30;

export class PixelBlock {
  readonly #frameBytes: number;
  readonly #mostBytes: number;
  #bytes: Uint8Array;

  /**
   * `expected`: how many frames will come, if known; more may. `mostBytes`: what there is to hold them. Errors, here and in `put`: bad-data-set
   * where they need more than that.
   */
  constructor(frameBytes: number, expected: number, mostBytes: number = memoryBytes()) {
    this.#frameBytes = frameBytes;
    this.#mostBytes = mostBytes;
    this.#bytes = this.#block(frameBytes * Math.max(1, expected));
  }

  put(slot: number, pixels: Uint8Array): void {
    const needed = (slot + 1) * this.#frameBytes;
    if (needed > this.#bytes.length) {
      const larger = this.#block(Math.max(needed, Math.min(this.#bytes.length * 2, this.#mostBytes)));
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

  #block(bytes: number): Uint8Array {
    if (bytes <= this.#mostBytes) {
      try {
        return new Uint8Array(bytes);
      } catch (cause) {
        if (!(cause instanceof RangeError)) throw cause; // more than the process may have at once
      }
    }
    throw new AnytimeError(
      'bad-data-set',
      `Expected the pixels of all frames to fit into memory, ${(this.#mostBytes / GIB).toFixed(1)} GiB, got ${(bytes / GIB).toFixed(1)} GiB for ` +
        `${Math.ceil(bytes / this.#frameBytes)} frames of ${this.#frameBytes} bytes: take a smaller input size, or fewer frames (\`--limit\`)`,
    );
  }
}

/** Of the machine, or of the container. */
function memoryBytes(): number {
  const constrained = constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
