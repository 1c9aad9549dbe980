// The learning rate over the training. Pure.

/**
 * Triangle of arXiv 2404.00498: from 0.2 of the rate up to all of it at 23 % of the steps, then down in a line to 0.07 of it.
 * `step` counts from 0; the result is a share of the highest rate.
 */
export function triangle(step: number, steps: number): number {
  const [start, peak, end] = [0.2, 0.23, 0.07];
  const at = steps <= 1 ? 1 : step / (steps - 1);
  return at < peak ? start + (1 - start) * (at / peak) : 1 + (end - 1) * ((at - peak) / (1 - peak));
}
