// Seeded random numbers for training: the same seed and labels give the same numbers on every machine. Not for secrets.

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in 0 … below − 1. */
  below(limit: number): number;
  /** Normal, mean 0, deviation 1. */
  normal(): number;
}

/**
 * A stream of its own for each (seed, labels), so that nothing has to be stored to go on after a stop:
 * the numbers of step 1,234 follow from the seed and the step. Generator: sfc32 seeded by a 32-bit FNV-1a hash.
 */
export function random(seed: number, ...labels: readonly (string | number)[]): Random {
  let hash = 0x811c9dc5;
  for (const char of `${seed}/${labels.join('/')}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  let [a, b, c, counter] = [hash, hash ^ 0x9e3779b9, hash ^ 0x243f6a88, 1];
  const next = () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 15; i++) next(); // neighbouring seeds differ after a few rounds
  return {
    next,
    below: (limit) => Math.floor(next() * limit),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

/** The numbers 0 … count − 1 in random order (Fisher–Yates). */
export function shuffled(count: number, source: Random): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let i = count - 1; i > 0; i--) {
    const j = source.below(i + 1);
    const kept = order[i] as number;
    order[i] = order[j] as number;
    order[j] = kept;
  }
  return order;
}
