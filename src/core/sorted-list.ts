// A list kept in ascending order of a number, equal ones in the order they came. Insertion moves memory (fast for the few
// thousand frames a worker holds); reading in order is what the scheduler does at every decision.

export class SortedList<T> {
  readonly #keyOf: (item: T) => number;
  readonly #items: T[] = [];
  readonly #keys: number[] = [];

  constructor(keyOf: (item: T) => number) {
    this.#keyOf = keyOf;
  }

  get items(): readonly T[] {
    return this.#items;
  }

  /** The key is read once, here: it must not change while the item is in the list. */
  add(item: T): void {
    const key = this.#keyOf(item);
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? 0) <= key) low = middle + 1;
      else high = middle;
    }
    this.#items.splice(low, 0, item);
    this.#keys.splice(low, 0, key);
  }

  /** Take out all that match. */
  takeWhere(matches: (item: T) => boolean): T[] {
    const taken = this.#items.filter(matches);
    if (taken.length === 0) return taken;
    const gone = new Set(taken);
    const kept = this.#items.flatMap((item, i) => (gone.has(item) ? [] : [[item, this.#keys[i] ?? 0] as const]));
    this.#items.length = 0;
    this.#keys.length = 0;
    for (const [item, key] of kept) {
      this.#items.push(item);
      this.#keys.push(key);
    }
    return taken;
  }
}
