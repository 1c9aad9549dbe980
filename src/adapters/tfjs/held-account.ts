// What the stage thread holds, as the main side knows it: right at once, while the thread's own word comes with its next reply.
import type { ActivationHandle } from '../../ports.ts';

export class HeldAccount {
  readonly #bytesAt: readonly number[];
  readonly #bytesOf = new Map<ActivationHandle, number>();
  #bytes = 0;

  /** `bytesAt[s - 1]` = bytes held of a frame after stage s. */
  constructor(bytesAt: readonly number[]) {
    this.#bytesAt = bytesAt;
  }

  get handles(): number {
    return this.#bytesOf.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The frame of this handle goes to the thread for the first time. */
  begin(handle: ActivationHandle): void {
    this.#bytesOf.set(handle, 0);
  }

  /** The frame of this handle has run `stage`; nothing when it was released while it ran. */
  ran(handle: ActivationHandle, stage: number): void {
    const before = this.#bytesOf.get(handle);
    if (before === undefined) return;
    const bytes = this.#bytesAt[stage - 1] ?? 0;
    this.#bytesOf.set(handle, bytes);
    this.#bytes += bytes - before;
  }

  /** An unknown handle is ignored. */
  release(handle: ActivationHandle): void {
    this.#bytes -= this.#bytesOf.get(handle) ?? 0;
    this.#bytesOf.delete(handle);
  }

  /** Everything is gone. */
  clear(): void {
    this.#bytesOf.clear();
    this.#bytes = 0;
  }
}
