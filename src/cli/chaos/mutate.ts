// Damage done to bytes, by a seeded random number: the ways in which image files are hostile or broken.

/** 0 ≤ n < below. */
export type Pick = (below: number) => number;

const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

type Mutation = (bytes: Buffer, pick: Pick) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  /** A few bits. */
  (bytes, pick) => changed(bytes, pick, 1 + pick(8), (old) => old ^ (1 << pick(8))),
  /** A few bytes. */
  (bytes, pick) => changed(bytes, pick, 1 + pick(32), () => pick(256)),
  /** Cut off. */
  (bytes, pick) => bytes.subarray(0, pick(bytes.length + 1)),
  /** A piece left out. */
  (bytes, pick) => {
    const from = pick(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + pick(64))]);
  },
  /** A piece twice, or many times. */
  (bytes, pick) => {
    const from = pick(bytes.length + 1);
    const piece = bytes.subarray(from, from + 1 + pick(128));
    const copies = Array.from({ length: pick(4) === 0 ? 200 : 1 }, () => piece);
    return Buffer.concat([bytes.subarray(0, from), ...copies, bytes.subarray(from)]);
  },
  /** Noise put in. */
  (bytes, pick) => {
    const at = pick(bytes.length + 1);
    const noise = Buffer.from(Array.from({ length: 1 + pick(64) }, () => pick(256)));
    return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
  },
  /** A number at its edge: lengths and sizes lie in the first bytes. */
  (bytes, pick) => {
    const copy = Buffer.from(bytes);
    const edge = EDGES[pick(EDGES.length)] ?? 0;
    const size = [1, 2, 4][pick(3)] ?? 1;
    if (copy.length < 64) return copy;
    const at = pick(pick(2) === 0 ? 60 : copy.length - 4);
    if (pick(2) === 0) copy.writeUIntBE(edge % 2 ** (8 * size), at, size);
    else copy.writeUIntLE(edge % 2 ** (8 * size), at, size);
    return copy;
  },
  /** Everything after the beginning is noise. */
  (bytes, pick) => {
    const noise = Buffer.from(Array.from({ length: pick(512) }, () => pick(256)));
    return Buffer.concat([bytes.subarray(0, 4 + pick(40)), noise]);
  },
];

/** One to four mutations, one upon the other. */
export function mutated(bytes: Buffer, pick: Pick): Buffer {
  let result = bytes;
  for (let left = 1 + pick(4); left > 0; left--) {
    const mutation = MUTATIONS[pick(MUTATIONS.length)];
    if (mutation) result = mutation(result, pick);
  }
  return result;
}

function changed(bytes: Buffer, pick: Pick, count: number, change: (old: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length === 0) return copy;
  for (let left = count; left > 0; left--) {
    const at = pick(copy.length);
    copy[at] = change(copy[at] ?? 0);
  }
  return copy;
}
