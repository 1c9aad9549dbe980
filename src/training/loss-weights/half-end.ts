// HALF-END: half of everything is the last exit's. Pure.

/** The last exit counts 1, as much as all others together; those are equal. */
export function halfEndWeights(exits: number): number[] {
  return Array.from({ length: exits }, (_, i) => (i === exits - 1 ? 1 : 1 / (exits - 1)));
}
