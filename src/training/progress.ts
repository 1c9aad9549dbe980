// How far a training came: what its checkpoint says besides the tensors, and whether a checkpoint fits what is asked for now.
import { AnytimeError } from '../errors.ts';
import type { Checkpoint } from '../network/checkpoint.ts';
import type { Best } from './best.ts';
import type { DataFacts, Normalisation } from './frames.ts';
import type { LossWeightState } from './loss-weights/loss-weights.ts';
import type { TrainOptions } from './options.ts';
import type { ExitReport } from './validate.ts';

/** One epoch that is done, for the learning curves. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Steps done by its end. */
  readonly step: number;
  /** Mean over its steps of each exit's loss, nats. */
  readonly trainLosses: readonly number[];
  readonly exits: readonly ExitReport[];
}

/** From which step on how many epochs were asked for, and in which precision: both may be changed on the way. */
export interface Plan extends Pick<TrainOptions, 'epochs' | 'precision'> {
  readonly step: number;
}

export interface Progress {
  /** What must be the same to go on. */
  readonly fingerprint: string;
  /** Steps done. */
  readonly step: number;
  /** Time trained so far, all sittings together. */
  readonly seconds: number;
  /** The last validation. */
  readonly exits: readonly ExitReport[];
  readonly classes: readonly string[];
  readonly normalisation: Normalisation;
  /** Whether what it began with may have learnt frames that are held out, or began so itself. */
  readonly mayKnowHeldOut: boolean;
  /** That were followed; of older checkpoints the first may be missing. */
  readonly plans: readonly Plan[];
  /** What the loss weights remember. */
  readonly weightState: LossWeightState;
  /** Sum over the steps done of the epoch under way of each exit's loss. */
  readonly lossSums: readonly number[];
  readonly history: readonly EpochRecord[];
  readonly best: Best | null;
}

export function firstProgress(
  fingerprint: string,
  exits: number,
  {
    classes,
    normalisation,
    mayKnowHeldOut = false,
  }: Pick<Progress, 'classes' | 'normalisation'> & Partial<Pick<Progress, 'mayKnowHeldOut'>>,
): Progress {
  const nothing = { step: 0, seconds: 0, exits: [], weightState: null, history: [], best: null, plans: [] };
  const lossSums = new Array<number>(exits).fill(0);
  return { fingerprint, ...nothing, lossSums, classes, normalisation, mayKnowHeldOut };
}

/** With what is asked for now, where it is another plan than that followed so far. */
export function withPlan(progress: Progress, { epochs, precision }: Omit<Plan, 'step'>): Progress {
  const last = progress.plans.at(-1);
  if (last?.epochs === epochs && last.precision === precision) return progress;
  const followed = progress.plans.filter(({ step }) => step < progress.step); // another one that was not begun is none
  return { ...progress, plans: [...followed, { step: progress.step, epochs, precision }] };
}

/**
 * Everything that decides what a step does, apart from the epochs and the precision: those may be changed on the way. The rate then follows
 * the new schedule from where it is; another precision only rounds otherwise.
 */
export function fingerprintOf(options: TrainOptions, { frames, framesSha256 }: DataFacts): string {
  const { network, batch, rate, momentum, weightDecay, labelSmoothing, weights, oscillate, shift, flips, seed } =
    options;
  const recipe = { batch, rate, momentum, weightDecay, labelSmoothing, weights, oscillate, shift, flips, seed };
  const { mixedEpochs, equilibrium, cutout, from, sequence } = options;
  Object.assign(
    recipe,
    mixedEpochs > 0 ? { mixedEpochs } : {},
    equilibrium ? { equilibrium } : {},
    sequence.length > 0 ? { sequence } : {},
    cutout > 0 ? { cutout } : {},
    from === undefined ? {} : { from },
  );
  return JSON.stringify({ ...recipe, validationShare: options.validationShare, frames, framesSha256, network });
}

/** What is trained now, and the folder of its checkpoint. */
export interface Wanted {
  readonly fingerprint: string;
  /** In the order of the labels. */
  readonly classes: readonly string[];
  readonly exits: number;
  readonly folder: string;
}

/** The progress in a checkpoint; what older ones did not note yet begins anew. Errors: bad-argument when it was made with other options or data. */
export function progressOf(checkpoint: Checkpoint, { fingerprint, classes, exits, folder }: Wanted): Progress {
  const stored = checkpoint.state as Partial<Progress> & Pick<Progress, 'fingerprint' | 'classes' | 'normalisation'>;
  const progress: Progress = { ...firstProgress(stored.fingerprint, exits, stored), ...stored };
  if (progress.fingerprint !== likeStored(fingerprint, progress.fingerprint)) {
    throw new AnytimeError(
      'bad-argument',
      `Expected the options and the frames of the checkpoint in ${folder} to go on with it: use them, another folder, or --no-resume. ` +
        `The checkpoint has ${progress.fingerprint}, got ${fingerprint}`,
    );
  }
  if (progress.classes.join('\n') !== classes.join('\n')) {
    throw new AnytimeError(
      'bad-argument',
      `Expected the classes of the checkpoint in ${folder} to go on with it: ${progress.classes.join(', ')}; got ${classes.join(', ')}`,
    );
  }
  return progress;
}

/** Older checkpoints did not note which frames they learnt from, only how many. */
function likeStored(fingerprint: string, stored: string): string {
  if ('framesSha256' in (JSON.parse(stored) as object)) return fingerprint;
  const { framesSha256: _, ...rest } = JSON.parse(fingerprint) as { framesSha256: string };
  return JSON.stringify(rest);
}
