// LINEAR: later exits count more, in a line. Pure.

/** 0.25 for the first exit … 1 for the last; 1 for a single exit. */
export function linearWeights(exits: number): number[] {
  if (exits === 1) return [1];
  return Array.from({ length: exits }, (_, i) => 0.25 + (0.75 * i) / (exits - 1));
}
