// The training: load, split, then step after step, a validation and a checkpoint after each epoch.
// What a step does follows from (options, step number) alone, so that a training that was stopped goes on with the same bits.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AnytimeError } from '../errors.ts';
import { readCheckpoint, writeCheckpoint } from '../network/checkpoint.ts';
import { passMacs, stageCosts } from '../network/cost.ts';
import { loadNative } from '../network/tensorflow-native.ts';
import { makeBatch } from './augment.ts';
import { exportBundle } from './export-bundle.ts';
import { type FrameSet, type Normalisation, normalisationOf, split } from './frames.ts';
import { nativeKernels } from './kernels.ts';
import { createLearner, type Learner } from './learner.ts';
import { loadFrames } from './load-frames.ts';
import { lossWeights, stepWeights } from './loss-weights.ts';
import type { TrainEvent, TrainOptions, TrainSummary } from './options.ts';
import { initialParameters, type Parameter } from './parameters.ts';
import { fingerprintOf, type Progress, progressOf } from './progress.ts';
import { random, shuffled } from './random.ts';
import { triangle } from './schedule.ts';
import { validate } from './validate.ts';
import { whiteningKernel } from './whitening.ts';

/** BatchNorm's offsets learn so many times faster: 64 in arXiv 2404.00498 for logits scaled by 1/9, which is 7 for ours. */
const BETA_RATE_FACTOR = 8;
/** Steps over which the running average of the weights reaches back, at most. */
const AVERAGE_STEPS = 100;
const CALIBRATION_FRAMES = 5000;

/**
 * Train, leave a checkpoint in `options.out`, and at the end a bundle where one is asked for. An aborted `signal` stops at the next step
 * boundary; what was done is kept. Errors: bad-data-set, bad-argument (a checkpoint of other options), engine-unavailable.
 */
export async function train(
  options: TrainOptions,
  report: (event: TrainEvent) => void,
  signal?: AbortSignal,
): Promise<TrainSummary> {
  const tf = await loadNative();
  const { network, seed, batch } = options;
  const data = await load(options, report);
  const { train: frames, validation } = split(data, options.validationShare, seed);
  const stepsPerEpoch = Math.floor(frames.labels.length / batch);
  if (stepsPerEpoch === 0) {
    throw new AnytimeError('bad-data-set', `Expected at least ${batch} frames, one batch, got ${frames.labels.length}`);
  }
  const steps = Math.max(1, Math.round(options.epochs * stepsPerEpoch));
  await mkdir(options.out, { recursive: true });
  const path = join(options.out, 'checkpoint.bin');
  const stored = options.resume && existsSync(path) ? await readCheckpoint(path) : null;
  const fingerprint = fingerprintOf(options, data);
  const normalisation = normalisationOf(frames);
  let progress: Progress =
    stored === null
      ? { fingerprint, step: 0, seconds: 0, exits: [], classes: data.classes, normalisation }
      : progressOf(stored, fingerprint, options.out);

  const parameters = firstParameters(options, frames, normalisation);
  const [kernels, exact] = [nativeKernels(tf, options.precision), nativeKernels(tf)];
  const how = { ...options, betaRateFactor: BETA_RATE_FACTOR };
  const learner = createLearner(kernels, network, data.classes.length, parameters, how, stored?.tensors ?? null, exact);
  const weights = lossWeights(options.weights, network.stages.length);
  report({
    type: 'started',
    frames: frames.labels.length,
    validationFrames: validation.labels.length,
    steps,
    fromStep: progress.step,
    parameters: parameters.filter((p) => p.role !== 'statistic').reduce((sum, p) => sum + p.values.length, 0),
    macs: passMacs(stageCosts(network, data.classes.length)),
  });

  /** Step number `step`, from 0. */
  const runStep = (step: number, order: Int32Array) => {
    const epoch = Math.floor(step / stepsPerEpoch);
    const from = (step % stepsPerEpoch) * batch;
    const picked = order.subarray(from, from + batch);
    return learner.step({
      frames: makeBatch(frames, normalisation, picked, { by: options, epoch, source: random(seed, 'augment', step) }),
      labels: Array.from(picked, (frame) => frames.labels[frame] as number),
      weights: stepWeights(weights, options.oscillate ? random(seed, 'oscillate', step) : null),
      rate: options.rate * triangle(step, steps),
      averageShare: Math.max(1 / AVERAGE_STEPS, 1 / (1 + step / 10)),
    });
  };
  /** The steps of one epoch that are not done yet. True when the epoch is complete. */
  const runEpoch = async (epoch: number): Promise<boolean> => {
    const order = shuffled(frames.labels.length, random(seed, 'order', epoch));
    const startedAt = performance.now();
    const before = progress;
    const end = Math.min(steps, (epoch + 1) * stepsPerEpoch);
    let trainLosses = weights.map(() => 0);
    while (progress.step < end) {
      if (signal?.aborted === true) return false;
      const stepAt = performance.now();
      const outcome = runStep(progress.step, order);
      const now = performance.now();
      progress = { ...progress, step: progress.step + 1, seconds: before.seconds + (now - startedAt) / 1000 };
      trainLosses = trainLosses.map((sum, exit) => sum + (outcome.losses[exit] as number));
      const framesPerSecond = (batch * 1000) / (now - stepAt);
      report({ type: 'step', step: progress.step, steps, epoch: epoch + 1, ...outcome, framesPerSecond });
      await new Promise(setImmediate); // lets signals and the display in
    }
    if (progress.step === steps) calibrate(learner, frames, normalisation, options);
    progress = { ...progress, exits: validate(learner, validation, normalisation) };
    report({
      type: 'epoch',
      epoch: epoch + 1,
      epochs: Math.ceil(options.epochs),
      step: progress.step,
      seconds: (performance.now() - startedAt) / 1000,
      trainLosses: trainLosses.map((sum) => sum / (progress.step - before.step)),
      exits: progress.exits,
    });
    return true;
  };

  try {
    while (progress.step < steps) {
      const isComplete = await runEpoch(Math.floor(progress.step / stepsPerEpoch));
      await writeCheckpoint(path, { state: progress, tensors: learner.store() });
      if (!isComplete) break;
    }
    const isFinished = progress.step >= steps;
    report(isFinished ? { type: 'finished', seconds: progress.seconds } : { type: 'stopped', step: progress.step });
    const model =
      isFinished && options.bundle
        ? await exportBundle(options, options.bundle, data, validation, learner, normalisation)
        : null;
    return {
      isFinished,
      steps: progress.step,
      exits: progress.exits,
      checkpoint: path,
      seconds: progress.seconds,
      model,
    };
  } finally {
    learner.dispose();
    kernels.dispose();
    exact.dispose();
  }
}

async function load(options: TrainOptions, report: (event: TrainEvent) => void): Promise<FrameSet> {
  if (typeof options.data !== 'string') return options.data;
  const { network, limit, seed } = options;
  const progress = (done: number, all: number | null) => report({ type: 'loading', done, all });
  return loadFrames(options.data, { size: network.input, limit, seed, progress });
}

function firstParameters({ network, seed }: TrainOptions, frames: FrameSet, to: Normalisation): Parameter[] {
  return initialParameters(network, frames.classes.length, random(seed, 'init'), (kernel, out) =>
    whiteningKernel(frames, to, kernel, out, random(seed, 'whitening')),
  );
}

/** The averaged weights were never run in training: give their BatchNorms the statistics that fit them. */
function calibrate(learner: Learner, frames: FrameSet, to: Normalisation, { batch, seed }: TrainOptions): void {
  const order = shuffled(frames.labels.length, random(seed, 'calibrate'));
  const batches = Math.max(1, Math.floor(Math.min(order.length, CALIBRATION_FRAMES) / batch));
  learner.calibrate(
    (function* () {
      for (let i = 0; i < batches; i++) yield makeBatch(frames, to, order.subarray(i * batch, (i + 1) * batch), null);
    })(),
  );
}
