// How far a training came: what its checkpoint says besides the tensors, and whether a checkpoint fits what is asked for now.
import { AnytimeError } from '../errors.ts';
import type { Checkpoint } from '../network/checkpoint.ts';
import type { FrameSet, Normalisation } from './frames.ts';
import type { TrainOptions } from './options.ts';
import type { ExitReport } from './validate.ts';

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
}

/**
 * Everything that decides what a step does, apart from the epochs: those may be changed on the way, the rate then follows the new schedule
 * from where it is.
 */
export function fingerprintOf(options: TrainOptions, frames: FrameSet): string {
  const { network, batch, rate, momentum, weightDecay, labelSmoothing, weights, oscillate, shift, flips, seed } =
    options;
  const recipe = { batch, rate, momentum, weightDecay, labelSmoothing, weights, oscillate, shift, flips, seed };
  return JSON.stringify({ ...recipe, validationShare: options.validationShare, frames: frames.labels.length, network });
}

/** The progress in a checkpoint. Errors: bad-argument when it was made with other options or data. */
export function progressOf(checkpoint: Checkpoint, fingerprint: string, folder: string): Progress {
  const progress = checkpoint.state as Progress;
  if (progress.fingerprint !== fingerprint) {
    throw new AnytimeError(
      'bad-argument',
      `Expected the options of the checkpoint in ${folder} to go on with it: use them, another folder, or --no-resume. ` +
        `The checkpoint has ${progress.fingerprint}, got ${fingerprint}`,
    );
  }
  return progress;
}
