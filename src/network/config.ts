// What an anytime network is made of, as data: units in stages, one exit head after each stage.
// Knows nothing of weights, engines or training; shapes and costs follow from it (shapes.ts, cost.ts).
import { z } from 'zod';

const size = z.int().min(1).max(4096);

/**
 * conv: convolution (same padding) → max-pool when `pool` → BatchNorm → ReLU. BatchNorm has no scale of its own, so its
 * scale 1/σ is positive, passes through the max-pool, and folds into the convolution.
 * whiten: a frozen convolution whose kernels are the eigenvectors of training patches (arXiv 2404.00498), no BatchNorm, no ReLU; only
 * as the first unit on the frame.
 * residual: conv-BN-ReLU-conv-BN, plus its input, ReLU; keeps width and size.
 */
export const UnitSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('conv'),
    out: size,
    kernel: z.int().min(1).max(7).default(3),
    stride: z.int().min(1).max(4).default(1),
    pool: z.int().min(2).max(4).optional(),
  }),
  z.strictObject({
    kind: z.literal('whiten'),
    out: size,
    kernel: z.int().min(2).max(8),
    stride: z.int().min(1).max(4),
  }),
  z.strictObject({ kind: z.literal('residual') }),
]);
export type Unit = z.infer<typeof UnitSchema>;

/**
 * A stage: the unit of scheduling. `takes` says what it reads: the previous stage's activations, the frame again, or both.
 * `frame` units run on the frame; with `both` their output and the activations are concatenated along channels (same
 * height and width); then the `trunk` units run, and their output is the stage's activations and what its exit head reads.
 */
export const StageSchema = z.strictObject({
  takes: z.enum(['frame', 'activations', 'both']),
  frame: z.array(UnitSchema).default([]),
  trunk: z.array(UnitSchema).default([]),
});
export type Stage = z.infer<typeof StageSchema>;

export const NetworkSchema = z
  .strictObject({
    name: z.string().min(1).max(64),
    input: z.strictObject({ height: size, width: size, channels: z.literal(3) }),
    stages: z.array(StageSchema).min(1).max(32),
  })
  .refine(
    (n) => n.stages[0]?.takes === 'frame',
    'Expected the first stage to take the frame: there are no activations yet',
  );
/** An anytime network without its weights. Stages are numbered from 1 in every message; index 0 here is stage 1. */
export type Network = z.infer<typeof NetworkSchema>;
