// Which offsets of one partition are settled, and what may be committed.
// An offset is *taken* when its record comes, *settled* when its final record (or dead letter) is acknowledged. The
// committable offset is the lowest one not settled: committing it promises that everything before it is done. Offsets may have
// gaps (compaction, control records); a record seen twice is taken once.

export class OffsetLedger {
  /** Taken and not yet settled, ascending: records come in offset order. */
  readonly #open: bigint[] = [];
  /** Settled, but above an open one. */
  readonly #settledAbove = new Set<bigint>();
  #next: bigint | null = null;

  /** A record came. False when it is known already (a redelivery within this epoch): it must not be worked on again. */
  take(offset: bigint): boolean {
    if (this.#next !== null && offset < this.#next) return false;
    this.#next = offset + 1n;
    this.#open.push(offset);
    return true;
  }

  /** Its end is acknowledged. Unknown offsets are ignored. */
  settle(offset: bigint): void {
    const first = this.#open[0];
    if (first === undefined || offset < first || this.#next === null || offset >= this.#next) return;
    this.#settledAbove.add(offset);
    let done = 0;
    for (const open of this.#open) {
      if (!this.#settledAbove.delete(open)) break;
      done += 1;
    }
    if (done > 0) this.#open.splice(0, done);
  }

  /** Next offset to read such that every record below it is settled; null while nothing was taken. */
  committable(): bigint | null {
    return this.#open[0] ?? this.#next;
  }

  /** Taken, not settled and not known as settled above the committable offset. */
  get openCount(): number {
    return this.#open.length - this.#settledAbove.size;
  }
}
