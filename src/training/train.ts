// The training: load, split, then step after step, a validation and a checkpoint after each epoch.
// What a step does follows from (options, step number, checkpoint) alone, so that a training that was stopped goes on with the same bits.
import { AnytimeError } from '../errors.ts';
import { checkBeginning } from '../network/check-model.ts';
import { passMacs, stageCosts } from '../network/cost.ts';
import { loadNative } from '../network/tensorflow-native.ts';
import { checkShift, makeBatch } from './augment.ts';
import { startBatches, stepsPerEpoch } from './batches.ts';
import { type Beginning, beginFrom } from './begin-from.ts';
import { better, meanAccuracy, readBest, writeBest } from './best.ts';
import { equilibriumShares, isInEquilibrium } from './equilibrium.ts';
import { exportBundle } from './export-bundle.ts';
import { type DataFacts, type FrameSet, factsOf, type Normalisation, normalisationOf, split } from './frames.ts';
import { type Kernels, nativeKernels } from './kernels.ts';
import { knownFrames } from './known-frames.ts';
import { createLearner, type Learner } from './learner.ts';
import { loadTrainingData } from './load-training-data.ts';
import { afterStep } from './loss-weights/loss-weights.ts';
import { checkSequence, weightsOfStep } from './loss-weights/weights-of-step.ts';
import type { TrainEvent, TrainOptions, TrainSummary } from './options.ts';
import { initialParameters } from './parameters.ts';
import { type EpochRecord, fingerprintOf, firstProgress, type Progress, progressOf, withPlan } from './progress.ts';
import { random, shuffled } from './random.ts';
import { openRunFolder } from './run-folder.ts';
import { triangle } from './schedule.ts';
import { type ExitReport, validate } from './validate.ts';
import { whiteningKernel } from './whitening.ts';

/** BatchNorm's offsets learn so many times faster: 64 in arXiv 2404.00498 for logits scaled by 1/9, which is 7 for ours. */
const BETA_RATE_FACTOR = 8;
/** More frames to test on than this share that are among the data: they are no test. */
const MOST_KNOWN = 0.5;
/** Steps over which the running average of the weights reaches back, at most. */
const AVERAGE_STEPS = 100;
const CALIBRATION_FRAMES = 5000;

/**
 * Train, leave a checkpoint in `options.out`, and at the end a bundle where one is asked for. An aborted `signal` stops at the next step
 * boundary; what was done is kept. Errors: bad-data-set, bad-argument (a checkpoint of other options, a test of what is
 * trained on), bad-bundle (a name, classes or a network that no bundle may have), engine-unavailable, engine-failed (losses that are not finite),
 * cannot-write (also where another training has written the checkpoint meanwhile).
 */
export async function train(
  options: TrainOptions,
  report: (event: TrainEvent) => void,
  signal?: AbortSignal,
): Promise<TrainSummary> {
  const { network, seed, batch, bundle } = options;
  checkSequence(options.sequence, network.stages);
  checkShift(options.shift, network.input);
  const tf = await loadNative();
  const { facts, frames, validation, test, known } = await loadAndSplit(options, report);
  const { classes } = facts;
  if (bundle) {
    const { name, version, folder } = bundle;
    checkBeginning({ name, version, classes: [...classes], network }, folder);
  }
  const perEpoch = stepsPerEpoch({ frames, batch });
  if (perEpoch === 0) {
    throw new AnytimeError(
      'bad-data-set',
      `Expected at least ${batch} frames to train on, one batch, got ${frames.labels.length}: give more, or a smaller batch`,
    );
  }
  const steps = Math.max(1, Math.round(options.epochs * perEpoch));
  const runFolder = await openRunFolder(options.out, options.resume);
  const { stored } = runFolder;
  const asked = fingerprintOf(options, facts);
  const exits = network.stages.length;
  const goesOn =
    stored === null ? null : progressOf(stored, { fingerprint: asked, classes, exits, folder: options.out });
  const [kernels, exact] = [nativeKernels(tf, options.precision), nativeKernels(tf)];
  const dispose = () => {
    kernels.dispose();
    exact.dispose();
  };
  const begun = await beginning(options, frames, facts, exact, goesOn !== null).catch((error: unknown) => {
    dispose();
    throw error;
  });
  const { parameters } = begun;
  let progress: Progress = withPlan(goesOn ?? firstProgress(asked, exits, { classes, ...begun }), options);
  const { normalisation, fingerprint, mayKnowHeldOut } = progress;
  if (mayKnowHeldOut && options.from !== undefined) report({ type: 'may-know-held-out', from: options.from });

  const how = { ...options, betaRateFactor: BETA_RATE_FACTOR };
  const learner = createLearner(kernels, network, classes.length, parameters, how, stored?.tensors ?? null, exact);
  const shares = equilibriumShares(network);
  report({
    type: 'started',
    frames: frames.labels.length,
    validationFrames: validation.labels.length,
    steps,
    fromStep: progress.step,
    parameters: parameters.filter((p) => p.role !== 'statistic').reduce((sum, p) => sum + p.values.length, 0),
    macs: passMacs(stageCosts(network, classes.length)),
  });

  /** How the losses of a step go into the body. */
  const weighted = (epoch: number) => {
    const { step, weightState } = progress;
    const source = random(seed, 'oscillate', step);
    const weights = weightsOfStep(options, network.stages.length, weightState, epoch, source);
    return isInEquilibrium(options, epoch) ? { weights, bodyShares: shares } : { weights };
  };
  /** The next step. */
  const runStep = async () => {
    const { step } = progress;
    return learner.step({
      ...(await batches.of(step)),
      ...weighted(Math.floor(step / perEpoch)),
      rate: options.rate * triangle(step, steps),
      averageShare: Math.max(1 / AVERAGE_STEPS, 1 / (1 + step / 10)),
    });
  };
  /** The steps of one epoch that are not done yet. True when the epoch is complete. */
  const runSteps = async (epoch: number): Promise<boolean> => {
    const startedAt = performance.now();
    const before = progress;
    const end = Math.min(steps, (epoch + 1) * perEpoch);
    while (progress.step < end) {
      if (signal?.aborted === true) return false;
      const stepAt = performance.now();
      const outcome = await runStep();
      const now = performance.now();
      progress = {
        ...progress,
        step: progress.step + 1,
        seconds: before.seconds + (now - startedAt) / 1000,
        weightState: afterStep(options.weights, progress.weightState, outcome.losses),
        lossSums: progress.lossSums.map((sum, exit) => sum + (outcome.losses[exit] as number)),
      };
      const framesPerSecond = (batch * 1000) / (now - stepAt);
      report({ type: 'step', step: progress.step, steps, epoch: epoch + 1, ...outcome, framesPerSecond });
      await new Promise(setImmediate); // lets signals and the display in
    }
    return true;
  };
  /** The validation after an epoch; its weights are kept when they are the best. */
  const closeEpoch = async (epoch: number) => {
    learner.calibrate(calibrationBatches(frames, normalisation, options)); // the averaged weights were never run in training
    const exits = validate(learner, validation, normalisation);
    const { step } = progress;
    expectFinite(exits, epoch, runFolder.path);
    await runFolder.expectOwn();
    const best = better(progress.best, {
      epoch: epoch + 1,
      step,
      meanAccuracy: meanAccuracy(options.weights === 'opt' ? exits.slice(-1) : exits),
      exits,
    });
    if (best.step === step) await writeBest(options.out, fingerprint, best, learner.averages());
    const from = Math.max(epoch * perEpoch, progress.history.at(-1)?.step ?? 0);
    const trainLosses = progress.lossSums.map((sum) => sum / (step - from));
    const history = [...progress.history, { epoch: epoch + 1, step, trainLosses, exits }];
    progress = { ...progress, exits, best, history, lossSums: progress.lossSums.map(() => 0) };
  };

  const { shift, flips, cutout } = options;
  const batches = startBatches({ frames, normalisation, batch, seed, augmentation: { shift, flips, cutout }, steps });
  try {
    // a run that was stopped in an epoch, and then asked for no more steps than it did, ends that epoch where it is
    while (progress.step < steps || progress.history.at(-1)?.step !== progress.step) {
      const startedAt = performance.now();
      const epoch = Math.floor((progress.step < steps ? progress.step : progress.step - 1) / perEpoch);
      const isComplete = await runSteps(epoch);
      if (isComplete) await closeEpoch(epoch);
      else expectFiniteValues(learner, runFolder.path);
      await runFolder.write({ state: progress, tensors: learner.store() });
      if (!isComplete) break;
      report({
        type: 'epoch',
        epochs: Math.ceil(options.epochs),
        seconds: (performance.now() - startedAt) / 1000,
        ...(progress.history.at(-1) as EpochRecord),
        history: progress.history,
      });
    }
    const isFinished = progress.step >= steps;
    const { best } = progress;
    const weights =
      isFinished && best !== null && best.step < progress.step ? await readBest(options.out, fingerprint, best) : null;
    const kept = weights === null ? null : best;
    const epochs = progress.step === steps ? options.epochs : Number((progress.step / perEpoch).toFixed(2));
    const epoch = (kept ?? progress.history.at(-1))?.epoch ?? 0;
    const isBest = kept !== null || best?.step === progress.step;
    const made = { epochs, epoch, isBest, plans: progress.plans, mayKnowHeldOut, known, normalisation };
    report(
      isFinished
        ? { type: 'finished', seconds: progress.seconds, best: kept }
        : { type: 'stopped', step: progress.step },
    );
    const exported = weights === null ? learner : { ...learner, averages: () => new Map(weights) };
    const model =
      isFinished && bundle
        ? await exportBundle(options, bundle, { facts, validation, test }, { ...made, learner: exported })
        : null;
    return {
      isFinished,
      steps: progress.step,
      exits: kept?.exits ?? progress.exits,
      checkpoint: runFolder.path,
      best,
      seconds: progress.seconds,
      model,
    };
  } finally {
    await batches.close();
    learner.dispose();
    dispose();
  }
}

/** Ends before anything is written: what went wrong in the last step shows only now. */
function expectFinite(exits: readonly ExitReport[], epoch: number, path: string): void {
  if (exits.every(({ loss }) => Number.isFinite(loss))) return;
  throw new AnytimeError(
    'engine-failed',
    `Expected finite losses on the held-out frames after epoch ${epoch + 1}, got ${exits.map(({ loss }) => loss).join(', ')}: the rate is too high for this network. ${path} is left as it was`,
  );
}

/** The same, where an epoch is stopped in its middle. */
function expectFiniteValues(learner: Learner, path: string): void {
  if ([...learner.averages().values()].every(({ data }) => data.every(Number.isFinite))) return;
  throw new AnytimeError(
    'engine-failed',
    `Expected finite weights, got others: the rate is too high for this network. ${path} is left as it was`,
  );
}

/** All frames together are given back: what is learnt from is a copy, in shared memory. */
async function loadAndSplit(options: TrainOptions, report: (event: TrainEvent) => void) {
  const { data, test } = await loadTrainingData(options, report);
  const { train: frames, validation } = split(data, options.validationShare, options.seed);
  const known = knownFrames(frames, validation, test);
  if (known.test.known > MOST_KNOWN * known.test.frames) {
    throw new AnytimeError(
      'bad-argument',
      `Expected \`--test\` to be frames that are not trained on, got ${known.test.known} of ${known.test.frames} that are among those of \`--data\``,
    );
  }
  report({ type: 'known-frames', ...known });
  return { facts: factsOf(data), frames, validation, test, known };
}

/** What the parameters are before the first step; a training that goes on has its own. `all`: also the frames that are held out. */
async function beginning(
  options: TrainOptions,
  frames: FrameSet,
  all: DataFacts,
  kernels: Kernels,
  goesOn: boolean,
): Promise<Beginning> {
  const { network, seed, validationShare, from } = options;
  const { classes } = frames;
  const normalisation = normalisationOf(frames);
  const fresh = (to: Normalisation) =>
    initialParameters(network, classes.length, random(seed, 'init'), (kernel, out) =>
      whiteningKernel(frames, to, kernel, out, random(seed, 'whitening')),
    );
  if (from === undefined || goesOn) return { parameters: fresh(normalisation), normalisation, mayKnowHeldOut: false };
  const heldOut = { frames: all.frames, framesSha256: all.framesSha256, seed, validationShare };
  const batches = (to: Normalisation) => calibrationBatches(frames, to, options);
  return beginFrom(from, { fresh, network, classes, heldOut, kernels, batches });
}

/** Frames to learn a BatchNorm's statistics from, as they are: some thousands, in batches. */
function* calibrationBatches(frames: FrameSet, to: Normalisation, { batch, seed }: TrainOptions) {
  const order = shuffled(frames.labels.length, random(seed, 'calibrate'));
  const batches = Math.max(1, Math.floor(Math.min(order.length, CALIBRATION_FRAMES) / batch));
  for (let i = 0; i < batches; i++) yield makeBatch(frames, to, order.subarray(i * batch, (i + 1) * batch), null);
}
