// AdaLoss (AAAI-19, "Learning Anytime Predictions in Neural Networks via Adaptive Loss Balancing"): an exit counts by the inverse of its mean
// loss, so that all weighted losses are about equal. Pure; what it remembers goes into the checkpoint.

export interface AdaLossSettings {
  /** Share of the running mean that a step keeps. */
  readonly momentum: number;
  /** Every weight is at least this share of the largest. */
  readonly gamma: number;
  /** Added to the last exit's weight once the largest is 1. The authors use 0…1; 0.5 is the middle of it, not tuned here. */
  readonly finalExtra: number;
}

export const ADA_LOSS_DEFAULTS: AdaLossSettings = { momentum: 0.9, gamma: 0.07, finalExtra: 0.5 };

/** Running mean of each exit's loss, nats. The first losses begin it. */
export type AdaLossState = readonly number[];

/** A loss of 0 must not count infinitely. */
const LEAST_LOSS = 1e-6;

/**
 * After a step with these losses: the new running means, and the weights of the next step, largest 1.
 * ema ← m·ema + (1−m)·ℓ; w = 1/ema; w /= max; w_L += e; w /= max; w = (1−γ)·w + γ.
 */
export function adaLoss(
  state: AdaLossState | null,
  losses: readonly number[],
  settings: AdaLossSettings = ADA_LOSS_DEFAULTS,
): { readonly state: AdaLossState; readonly weights: number[] } {
  const { momentum } = settings;
  const next = losses.map((loss, i) => momentum * (state?.[i] ?? loss) + (1 - momentum) * loss);
  return { state: next, weights: adaLossWeights(next, settings) };
}

/** The weights that follow from the running means. */
export function adaLossWeights(
  state: AdaLossState,
  { gamma, finalExtra }: AdaLossSettings = ADA_LOSS_DEFAULTS,
): number[] {
  const inverse = byLargest(state.map((ema) => 1 / Math.max(LEAST_LOSS, ema)));
  const rewarded = byLargest(inverse.map((w, i) => (i === inverse.length - 1 ? w + finalExtra : w)));
  return rewarded.map((w) => (1 - gamma) * w + gamma);
}

function byLargest(weights: readonly number[]): number[] {
  const largest = Math.max(...weights);
  return weights.map((w) => w / largest);
}
