// model.json, the description in a bundle: everything that serving, scheduling and scoring need to know besides the weights.
// Bundle = folder with model.json, weights.bin and README.md (the model card for people).
import { z } from 'zod';
import { ANSWER_RULES } from '../core/answer-rule.ts';
import { NetworkSchema } from './config.ts';

export const BUNDLE_FORMAT = 1;

const share = z.number().min(0).max(1);
const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Cost of one stage in multiply-accumulates (MACs) per frame, the head apart; `passes` = cost up to and with this exit / full cost. */
const StageCostSchema = z.strictObject({
  macs: count,
  headMacs: count,
  passes: z.number().gt(0).max(1),
  /** height, width, channels of the activations that this stage hands on */
  activations: z.tuple([z.int().min(1), z.int().min(1), z.int().min(1)]),
});

const CalibrationSchema = z.strictObject({
  /** Expected calibration error, 15 equal buckets. */
  error: share,
  /** Chance that a right answer showed more confidence than a wrong one (AUROC); null when all are right or all wrong. */
  separation: share.nullable(),
});

/** What the answer after an exit was worth on held-out training data (never on test data). */
const ExitQualitySchema = z.strictObject({
  accuracy: share,
  /** Mean of the highest softmax probability. */
  meanConfidence: share,
  /**
   * For each confidence bucket (edges below): frames in it, how many of them were right, and how many were right at the next exit (absent at
   * the last exit and in older bundles).
   */
  buckets: z.array(z.strictObject({ frames: count, right: count, rightNext: count.optional() })),
  /**
   * How far the confidence can be trusted: the exit's own before and after its temperature, and as served, which is that of the answer by the
   * bundle's rule. Absent in older bundles, `served` too.
   */
  calibration: z
    .strictObject({
      temperature: z.number().gt(0),
      before: CalibrationSchema,
      after: CalibrationSchema,
      served: CalibrationSchema.optional(),
    })
    .optional(),
});

/** Of the log-scores: this exit's own, and those combined before it. */
const ExitWeightsSchema = z
  .strictObject({ own: z.number().min(0), before: z.number().min(0) })
  .refine(({ own, before }) => own + before > 0, 'Expected one of the two weights above 0');

export const ModelSchema = z.strictObject({
  format: z.literal(BUNDLE_FORMAT),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'Expected a name of lower-case letters, digits and dashes'),
  version: z.string().regex(/^[\w.+-]{1,32}$/, 'letters, digits, `.`, `_`, `+`, `-`'),
  classes: z.array(z.string().min(1).max(100)).min(2).max(10_000),
  /** Pixels 0…255 become (pixel / 255 − mean) / std per channel. */
  normalisation: z.strictObject({
    mean: z.tuple([z.number(), z.number(), z.number()]),
    std: z.tuple([z.number().gt(0), z.number().gt(0), z.number().gt(0)]),
  }),
  network: NetworkSchema,
  stages: z.array(StageCostSchema).min(1),
  quality: z.strictObject({
    /** Where the figures come from, for example "validation split of train, 2500 frames". */
    measuredOn: z.string(),
    /** Upper edges of the confidence buckets, ascending, the last is 1. */
    bucketEdges: z.array(share).min(1),
    exits: z.array(ExitQualitySchema).min(1),
  }),
  /** Confidence at which an answer is good enough when neither the frame nor the configuration says, for all exits or one per exit; from held-out data. */
  defaultMinConfidence: z.union([share, z.array(share)]),
  /**
   * How the answers of the exits so far become the frame's answer (core/answer-rule.ts): everything in `quality`, and the threshold, is of
   * that answer. `weights`: only with product, one pair per exit. Absent: latest.
   */
  answer: z
    .strictObject({ rule: z.enum(ANSWER_RULES), weights: z.array(ExitWeightsSchema).min(1).readonly().optional() })
    .optional(),
  /** How `anytime calibrate --write` last came to the threshold, and on which frames; absent: it is the training's own. */
  calibration: z
    .strictObject({
      data: z.string(),
      frames: count,
      /** With a promise: most accuracy lost, and the chance that it is broken. */
      epsilon: share.optional(),
      delta: share.optional(),
      /** For a mean cost, passes. */
      averageBudget: z.number().gt(0).optional(),
      date: z.iso.date(),
    })
    .optional(),
  training: z.strictObject({
    command: z.string(),
    commit: z.string(),
    data: z.string(),
    seed: z.int(),
    epochs: z.number().min(0),
    /** Frames of the data in all, and the share of them that was held out by the seed. Absent in older bundles. */
    heldOut: z
      .strictObject({
        frames: count,
        validationShare: share,
        /** Of all of them. */
        framesSha256: sha256.optional(),
        /** What it began with may have learnt frames that are held out. */
        mayBeKnown: z.literal(true).optional(),
      })
      .optional(),
  }),
  weights: z.strictObject({
    file: z.string().regex(/^[A-Za-z0-9._-]+$/, 'Expected a plain file name inside the bundle'),
    bytes: z.int().min(1),
    sha256,
    /** float16 = IEEE half, little-endian, widened to float32 on load. Tensors lie one after another in this order. */
    dtype: z.enum(['float32', 'float16']),
    tensors: z.array(z.strictObject({ name: z.string(), shape: z.array(z.int().min(1)) })),
  }),
});
/** The parsed content of model.json. Arrays `stages` and `quality.exits` have one entry per stage of the network. */
export type Model = z.infer<typeof ModelSchema>;

/**
 * Names of the weight tensors in a bundle (BatchNorm folded away); s counts from 1, u and c from 0:
 *   stage/{s}/{frame|trunk}/{u}/{c}/kernel  [kernel, kernel, in, out]     c: 0, and 1 for the second convolution of a residual unit
 *   stage/{s}/{frame|trunk}/{u}/{c}/bias    [out]
 *   stage/{s}/head/kernel [channels, classes]      stage/{s}/head/bias [classes]
 * Training names the same kernels alike and adds …/{c}/beta, …/{c}/mean, …/{c}/variance for the BatchNorm.
 */
export function tensorName(stage: number, branch: 'frame' | 'trunk', unit: number, conv: number, part: string): string {
  return `stage/${stage}/${branch}/${unit}/${conv}/${part}`;
}
