// Which offsets of one partition are settled, and what may be committed.
// An offset is *taken* when its record comes, *settled* when its final record (or dead letter) is acknowledged. The
// committable offset is the lowest one not settled: committing it promises that everything before it is done. Offsets may have
// gaps (compaction, control records), which count as settled once something above them was taken; a record seen twice is taken
// once. What was settled before this ledger began (by an earlier epoch, by another worker) is *inherited*: those records are
// settled as they come.
import type { OffsetRange } from './offset-ranges.ts';

/** What was known of a partition when it was assigned: the committed offset, and what is settled above it. */
export interface Inheritance {
  readonly committed: bigint;
  /** Ascending, apart. */
  readonly settled: readonly OffsetRange[];
}

/** `new`: work on it. `settled`: it was finished before this epoch. `again`: it came before under this epoch. */
export type Taken = 'new' | 'settled' | 'again';

export class OffsetLedger {
  /** Taken and not settled, ascending: records come in offset order. Everything else below `next` is settled. */
  readonly #open: bigint[] = [];
  #next: bigint | null = null;
  readonly #startsAt: bigint | null;
  /** Inherited and not wholly below `next`, ascending. */
  #inherited: OffsetRange[];

  constructor(inheritance: Inheritance | null = null) {
    this.#startsAt = inheritance?.committed ?? null;
    this.#inherited = [...(inheritance?.settled ?? [])];
  }

  /** A record came. */
  take(offset: bigint): Taken {
    if (this.#next !== null && offset < this.#next) return 'again';
    // Below the committed offset: somebody set the group back, or the log lost its end. What was inherited may be of other records.
    if (this.#startsAt !== null && offset < this.#startsAt) this.#inherited = [];
    this.#next = offset + 1n;
    while (this.#inherited[0] !== undefined && this.#inherited[0].to <= offset) this.#inherited.shift();
    if (this.#inherited[0] !== undefined && this.#inherited[0].from <= offset) return 'settled';
    this.#open.push(offset);
    return 'new';
  }

  /** Its end is acknowledged. Unknown offsets are ignored. */
  settle(offset: bigint): void {
    const index = this.#indexOf(offset);
    if (this.#open[index] === offset) this.#open.splice(index, 1);
  }

  /** Next offset to read such that every record below it is settled; null while nothing was taken. */
  committable(): bigint | null {
    if (this.#open[0] !== undefined || this.#next === null) return this.#open[0] ?? null;
    const next = this.#next;
    return this.#inherited.find(({ from, to }) => from <= next && next < to)?.to ?? next;
  }

  /** What is settled above the committable offset (before the first record: what was inherited), ascending, apart. */
  settledAbove(): OffsetRange[] {
    const ranges: OffsetRange[] = [];
    let at = this.committable();
    if (at === null || this.#next === null) return this.#inherited;
    for (const open of this.#open) {
      if (open > at) ranges.push({ from: at, to: open });
      at = open + 1n;
    }
    if (at < this.#next) ranges.push({ from: at, to: this.#next });
    const next = this.#next > at ? this.#next : at;
    for (const { from, to } of this.#inherited) {
      if (to <= next) continue;
      const last = ranges.at(-1);
      const start = from > next ? from : next;
      if (last?.to === start) ranges[ranges.length - 1] = { from: last.from, to };
      else ranges.push({ from: start, to });
    }
    return ranges;
  }

  /** Taken and not settled. */
  get openCount(): number {
    return this.#open.length;
  }

  /** Where it is among the open ones, or would be. */
  #indexOf(offset: bigint): number {
    let low = 0;
    let high = this.#open.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#open[middle] ?? 0n) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
