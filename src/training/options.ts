// What a training can be asked, and what it tells while it runs.
import type { Network } from '../network/config.ts';
import type { Model } from '../network/model.ts';
import type { Best } from './best.ts';
import type { DataEvent } from './check-data.ts';
import type { FrameSet } from './frames.ts';
import type { Precision } from './kernels.ts';
import type { Known } from './known-frames.ts';
import type { LossWeights } from './loss-weights/loss-weights.ts';
import type { EpochRecord } from './progress.ts';
import type { ExitReport } from './validate.ts';

export interface TrainOptions {
  /** A folder with one folder of images per class, tar shards, `glyphs:COUNT` or `glyphs-wide:COUNT` (drawn on the spot), or frames in memory. */
  readonly data: string | FrameSet;
  readonly network: Network;
  /** Folder of the run: checkpoint and report. Made when missing. */
  readonly out: string;
  readonly epochs: number;
  /** Frames a step. */
  readonly batch: number;
  /** Highest learning rate. */
  readonly rate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly labelSmoothing: number;
  /** Of activations and their gradients (kernels.ts). */
  readonly precision: Precision;
  readonly weights: LossWeights;
  /** Of a sequence of networks: exits of each, whose losses are weighed within it (loss-weights/weights-of-step.ts); none for one network. */
  readonly sequence: readonly number[];
  /** Draw one exit a step whose loss counts more (loss-weights/oscillation.ts). */
  readonly oscillate: boolean;
  /** In the first so many epochs the body learns for the last exit alone (mixed-training.ts). */
  readonly mixedEpochs: number;
  /** Each stage learns from the mean of the losses behind it (equilibrium.ts). */
  readonly equilibrium: boolean;
  /** Pixels by which frames are shifted at most. */
  readonly shift: number;
  /** Mirror frames; not for characters. */
  readonly flips: boolean;
  /** Side in pixels of the square that is blotted out of each frame; 0: none. */
  readonly cutout: number;
  readonly seed: number;
  /** Share of the data held out, 0…1. */
  readonly validationShare: number;
  /** Go on from the checkpoint in `out` when there is one; it must come from the same options. */
  readonly resume: boolean;
  /** Begin with what the run in this folder learnt (begin-from.ts), instead of anew. */
  readonly from?: string;
  /** Only so many frames (for trials). */
  readonly limit?: number;
  /** Write a bundle when the training is finished. */
  readonly bundle?: BundleOptions;
}

export interface BundleOptions {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  /** How this training is started, for the model card. */
  readonly command: string;
  /** Commit of the sources, for the model card. */
  readonly commit: string;
  /** Data that is measured once at the end, for the model card; it chooses nothing. As `data`, but drawn with the test fonts. */
  readonly test?: string | FrameSet;
}

/** Good beginnings for every option that is a matter of taste. Found on cifar10: see models/LOG.md. */
export const TRAIN_DEFAULTS = {
  epochs: 22,
  batch: 256,
  rate: 0.3,
  momentum: 0.9,
  weightDecay: 0.0006,
  labelSmoothing: 0.1,
  precision: 'float32',
  weights: 'sieve',
  sequence: [],
  oscillate: true,
  mixedEpochs: 0,
  equilibrium: false,
  shift: 2,
  flips: true,
  cutout: 0,
  seed: 1,
  validationShare: 0.05,
  resume: true,
} as const satisfies Partial<TrainOptions>;

export type TrainEvent =
  | { readonly type: 'loading'; readonly done: number; readonly all: number | null }
  | DataEvent
  | {
      readonly type: 'started';
      readonly frames: number;
      readonly validationFrames: number;
      readonly steps: number;
      /** Where it goes on; 0 for a new training. */
      readonly fromStep: number;
      readonly parameters: number;
      /** MACs of one forward pass. */
      readonly macs: number;
    }
  | {
      readonly type: 'step';
      readonly step: number;
      readonly steps: number;
      readonly epoch: number;
      readonly losses: readonly number[];
      readonly accuracies: readonly number[];
      readonly framesPerSecond: number;
    }
  | {
      readonly type: 'epoch';
      readonly epoch: number;
      readonly epochs: number;
      readonly step: number;
      readonly seconds: number;
      readonly trainLosses: readonly number[];
      readonly exits: readonly ExitReport[];
      /** Every epoch so far, this one included. The checkpoint that holds it is written. */
      readonly history: readonly EpochRecord[];
    }
  /** Before the first step. */
  | ({ readonly type: 'known-frames' } & Known)
  /** What `from` learnt may hold frames that are held out now, so that the figures on those may be too good. */
  | { readonly type: 'may-know-held-out'; readonly from: string }
  | { readonly type: 'stopped'; readonly step: number }
  /** `best`: the epoch whose weights are kept; null when that is the last. */
  | { readonly type: 'finished'; readonly seconds: number; readonly best: Best | null };

export interface TrainSummary {
  readonly isFinished: boolean;
  readonly steps: number;
  /** Validation of the weights kept: those of the best epoch when finished, else the last ones; empty when none was reached. */
  readonly exits: readonly ExitReport[];
  readonly checkpoint: string;
  /** The best epoch so far by validation. */
  readonly best: Best | null;
  readonly seconds: number;
  /** The bundle's description, where one was written. */
  readonly model: Model | null;
}
