// One growing block of memory for the pixels of many frames, filled in any order, with gaps closed at the end.

export class PixelBlock {
  readonly #frameBytes: number;
  #bytes: Uint8Array;

  /** `expected`: how many frames will come, if known; more may. */
  constructor(frameBytes: number, expected: number) {
    this.#frameBytes = frameBytes;
    this.#bytes = new Uint8Array(frameBytes * Math.max(1, expected));
  }

  put(slot: number, pixels: Uint8Array): void {
    const needed = (slot + 1) * this.#frameBytes;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
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
}
