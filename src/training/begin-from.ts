// A training that begins with what another one learnt: its averaged weights, of its run's best epoch or from a bundle, and the normalisation they
// were learnt with.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { AnytimeError } from '../errors.ts';
import { holdsBundle, readBundle } from '../network/bundle.ts';
import { readCheckpoint } from '../network/checkpoint.ts';
import type { Network } from '../network/config.ts';
import { parametersOfBundle } from './begin-from-bundle.ts';
import { readBest } from './best.ts';
import type { Normalisation } from './frames.ts';
import type { Kernels } from './kernels.ts';
import { type Parameter, stageOf, valuesFor } from './parameters.ts';
import type { Progress } from './progress.ts';
import { CHECKPOINT_FILE } from './run-folder.ts';

export interface Beginning {
  readonly parameters: readonly Parameter[];
  readonly normalisation: Normalisation;
  /** Whether frames that are held out now may be known to it: it learnt some of the classes from other frames, or began so itself. */
  readonly mayKnowHeldOut: boolean;
}

/** What decides which frames are held out. */
export interface HeldOut {
  /** Frames in all, those held out among them. */
  readonly frames: number;
  /** Of all of them, in their input size; absent where it was not noted. */
  readonly framesSha256?: string | undefined;
  readonly seed: number;
  readonly validationShare: number;
}

export interface NewTraining {
  /** Its parameters as they would begin anew, whitened for this normalisation. */
  readonly fresh: (to: Normalisation) => readonly Parameter[];
  readonly network: Network;
  readonly classes: readonly string[];
  readonly heldOut: HeldOut;
  /** float32; with `batches`, some of its frames as this normalisation makes them, they fit a bundle's weights to it. */
  readonly kernels: Kernels;
  readonly batches: (to: Normalisation) => Iterable<Float32Array>;
}

/**
 * The values of the best epoch of the run, or of the bundle, in `folder`. Its body must fit whole; its heads are taken when they name the same
 * classes, else the new ones begin as they are. Stages behind its last one begin as they are too: so a network grows. Errors: bad-argument when
 * there is neither, when the body is another one, or when it learnt from as many frames but held out others: what is held out now would be known
 * to it; bad-bundle.
 */
export async function beginFrom(folder: string, training: NewTraining): Promise<Beginning> {
  if (existsSync(join(folder, CHECKPOINT_FILE))) return beginFromRun(folder, training);
  if (holdsBundle(folder)) return beginFromBundle(folder, training);
  throw new AnytimeError('bad-argument', `Expected a run (${CHECKPOINT_FILE}) or a bundle in ${folder}, got neither`);
}

async function beginFromRun(folder: string, training: NewTraining): Promise<Beginning> {
  const { fresh, classes } = training;
  const { state, tensors: last } = await readCheckpoint(join(folder, CHECKPOINT_FILE));
  const run = state as Pick<Progress, 'fingerprint' | 'classes' | 'normalisation'> & Partial<Progress>;
  const takesHeads = isSame(run.classes, classes);
  const then = JSON.parse(run.fingerprint) as HeldOut & Pick<NewTraining, 'network'>;
  const mayKnow = mayKnowOf({ folder, classes: run.classes, network: then.network, heldOut: then }, training);
  const mayKnowHeldOut = mayKnow || run.mayKnowHeldOut === true;
  const best = run.best ? await readBest(folder, run.fingerprint, run.best) : null;
  const [tensors, part] = best === null ? [last, 'average/'] : [best, ''];
  const stages = Math.max(...[...tensors.keys()].map(stageOf).filter(Number.isInteger));
  const parameters = fresh(run.normalisation).map((parameter) => {
    if ((parameter.role === 'head' && !takesHeads) || stageOf(parameter.name) > stages) return parameter;
    const values = valuesFor(parameter, part + parameter.name, tensors, `the run in ${folder}`);
    return { ...parameter, values };
  });
  return { parameters, normalisation: run.normalisation, mayKnowHeldOut };
}

async function beginFromBundle(folder: string, training: NewTraining): Promise<Beginning> {
  const { fresh, network, classes, heldOut, kernels, batches } = training;
  const bundle = await readBundle(folder);
  const { normalisation, training: then } = bundle.model;
  const takesHeads = isSame(bundle.model.classes, classes);
  // an older bundle does not say how many frames there were: they may be the same
  const held: HeldOut = { ...(then.heldOut ?? heldOut), seed: then.seed };
  const source = { folder, classes: bundle.model.classes, network: bundle.model.network, heldOut: held };
  const mayKnowHeldOut = mayKnowOf(source, training) || then.heldOut?.mayBeKnown === true;
  const beginning = { folder, bundle, takesHeads, network, batches: batches(normalisation) };
  return { parameters: parametersOfBundle(fresh(normalisation), kernels, beginning), normalisation, mayKnowHeldOut };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}

function hasCommon(a: readonly string[], b: readonly string[]): boolean {
  return a.some((name) => b.includes(name));
}

/**
 * Whether frames that are held out now may be among those that `then` learnt some of the classes from: true where the frames are others, which may
 * have some in common, or nobody knows. Errors: bad-argument where they are the same and others of them were held out.
 */
function mayKnowOf(
  then: Pick<NewTraining, 'classes' | 'network' | 'heldOut'> & { readonly folder: string },
  now: Pick<NewTraining, 'classes' | 'network' | 'heldOut'>,
): boolean {
  if (!hasCommon(then.classes, now.classes)) return false;
  const [a, b] = [then.heldOut, now.heldOut];
  if (a.frames !== b.frames) return true;
  const isOneSize = isDeepStrictEqual(then.network.input, now.network.input);
  const isNoted = isOneSize && a.framesSha256 !== undefined && b.framesSha256 !== undefined;
  if (isNoted && a.framesSha256 !== b.framesSha256) return true;
  if (!isNoted && !isSame(then.classes, now.classes)) return true; // as many, but frames of other classes
  if (a.seed === b.seed && a.validationShare === b.validationShare) return false;
  throw new AnytimeError(
    'bad-argument',
    `Expected the seed and the share held out of what is in ${then.folder} (${a.seed} and ${a.validationShare}), because it learnt from the other frames, got ${b.seed} and ${b.validationShare}`,
  );
}
