// SIEVE of "Anytime Neural Network" (arXiv 1708.06832): exits at rounder places count more. Pure.

/** For steps 1, 2, 4 … < exits add 1 to every step-th exit counted from the end; then the last counts as much as all others. The last is 1. */
export function sieveWeights(exits: number): number[] {
  if (exits === 1) return [1];
  const counts = new Array<number>(exits).fill(0);
  for (let step = 1; step < exits; step *= 2) {
    for (let i = exits - 1; i >= 0; i -= step) counts[i] = (counts[i] as number) + 1;
  }
  const others = counts.slice(0, -1).reduce((sum, count) => sum + count, 0);
  counts[exits - 1] = others;
  return counts.map((count) => count / others);
}
