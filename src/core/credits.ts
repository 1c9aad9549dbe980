// Back-pressure of the intake: what is held, in frames and bytes, against two marks. Above the high mark the source is
// paused, below the low mark it goes on; between them nothing changes, so that it does not flutter.

export interface CreditLimits {
  readonly maxFrames: number;
  readonly maxBytes: number;
  /** What a frame takes besides its record once it is decoded, bytes; held for it from the start. */
  readonly decodedBytes?: number;
}

/** Low mark as a share of the high one. */
const LOW_SHARE = 0.75;
/** Below this share of the high mark frames may wait for refinement without making the source wait. */
const ROOM_SHARE = 0.5;

export class Credits {
  readonly #limits: CreditLimits;
  readonly #decodedBytes: number;
  #frames = 0;
  #bytes = 0;

  constructor(limits: CreditLimits) {
    this.#limits = limits;
    this.#decodedBytes = limits.decodedBytes ?? 0;
  }

  get heldFrames(): number {
    return this.#frames;
  }

  get heldBytes(): number {
    return this.#bytes;
  }

  take(bytes: number): void {
    this.#frames += 1;
    this.#bytes += bytes + this.#decodedBytes;
  }

  give(bytes: number): void {
    this.#frames -= 1;
    this.#bytes -= bytes + this.#decodedBytes;
  }

  isAboveHigh(): boolean {
    return this.#frames >= this.#limits.maxFrames || this.#bytes >= this.#limits.maxBytes;
  }

  isBelowLow(): boolean {
    return this.#isBelow(LOW_SHARE);
  }

  hasRoom(): boolean {
    return this.#isBelow(ROOM_SHARE);
  }

  /** Frames above the low mark; where it is one of bytes, so many of mean size. */
  excessFrames(): number {
    const ofFrames = this.#frames - this.#limits.maxFrames * LOW_SHARE;
    const ofBytes = this.#frames * (1 - (this.#limits.maxBytes * LOW_SHARE) / Math.max(1, this.#bytes));
    return Math.max(0, Math.ceil(Math.max(ofFrames, ofBytes)));
  }

  #isBelow(share: number): boolean {
    return this.#frames < this.#limits.maxFrames * share && this.#bytes < this.#limits.maxBytes * share;
  }
}
