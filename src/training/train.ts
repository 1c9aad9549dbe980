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
import { type FrameSet, type Normalisation, normalisationOf, split } from './frames.ts';
import { nativeKernels } from './kernels.ts';
import { createLearner, type Learner } from './learner.ts';
import { loadFrames } from './load-frames.ts';
import { lossWeights, stepWeights } from './loss-weights.ts';
import type { TrainEvent, TrainOptions, TrainSummary } from './options.ts';
import { initialParameters } from './parameters.ts';
import { random, shuffled } from './random.ts';
import { triangle } from './schedule.ts';
import { type ExitReport, validate } from './validate.ts';
import { whiteningKernel } from './whitening.ts';

/** Steps over which the running average of the weights reaches back, at most. */
const AVERAGE_STEPS = 100;
const CALIBRATION_FRAMES = 5000;

interface Progress {
  /** What must be the same to go on. */
  readonly fingerprint: string;
  readonly step: number;
  readonly seconds: number;
  readonly exits: readonly ExitReport[];
  readonly normalisation: Normalisation;
  readonly classes: readonly string[];
  readonly network: TrainOptions['network'];
  readonly options: unknown;
}

/**
 * Train and leave a checkpoint in `options.out`. An aborted `signal` stops at the next step boundary; what was done is kept.
 * Errors: bad-data-set, bad-argument (a checkpoint of other options), engine-unavailable (`npm run setup:tensorflow`).
 */
export async function train(
  options: TrainOptions,
  report: (event: TrainEvent) => void,
  signal?: AbortSignal,
): Promise<TrainSummary> {
  const tf = await loadNative();
  const data = await load(options, report);
  const { train: frames, validation } = split(data, options.validationShare, options.seed);
  const normalisation = normalisationOf(frames);
  const { network } = options;
  const costs = stageCosts(network, data.classes.length);
  const stepsPerEpoch = Math.floor(frames.labels.length / options.batch);
  if (stepsPerEpoch === 0)
    throw new AnytimeError(
      'bad-data-set',
      `Expected at least ${options.batch} frames, one batch, got ${frames.labels.length}`,
    );
  const steps = Math.round(options.epochs * stepsPerEpoch);

  await mkdir(options.out, { recursive: true });
  const checkpoint = join(options.out, 'checkpoint.bin');
  const stored = options.resume && existsSync(checkpoint) ? await readCheckpoint(checkpoint) : null;
  const before = (stored?.state ?? null) as Progress | null;
  const fingerprint = fingerprintOf(options, data);
  if (before !== null && before.fingerprint !== fingerprint) {
    throw new AnytimeError(
      'bad-argument',
      `Expected the options of the checkpoint in ${options.out} to go on with it, got others: use another folder, or --no-resume. It has ${before.fingerprint}, asked for is ${fingerprint}`,
    );
  }
  const parameters = initialParameters(network, data.classes.length, random(options.seed, 'init'), (kernel, out) =>
    whiteningKernel(frames, normalisation, kernel, out, random(options.seed, 'whitening')),
  );
  const kernels = nativeKernels(tf);
  const how = { ...options, betaRateFactor: BETA_RATE_FACTOR };
  const learner = createLearner(kernels, network, data.classes.length, parameters, how, stored?.tensors ?? null);
  const weights = lossWeights(options.weights, network.stages.length);

  let step = before?.step ?? 0;
  let exits = before?.exits ?? [];
  const earlierSeconds = before?.seconds ?? 0;
  const startedAt = performance.now();
  const seconds = () => earlierSeconds + (performance.now() - startedAt) / 1000;
  const keep = () =>
    writeCheckpoint(checkpoint, {
      state: {
        fingerprint,
        step,
        seconds: seconds(),
        exits,
        normalisation,
        classes: data.classes,
        network,
        options: described(options),
      } satisfies Progress,
      tensors: learner.store(),
    });
  report({
    type: 'started',
    frames: frames.labels.length,
    validationFrames: validation.labels.length,
    steps,
    fromStep: step,
    parameters: parameters.filter((p) => p.role !== 'statistic').reduce((sum, p) => sum + p.values.length, 0),
    macs: passMacs(costs),
  });

  try {
    let order: Int32Array = new Int32Array();
    let orderEpoch = -1;
    let epochAt = performance.now();
    let trainLosses: number[] = [];
    let inEpoch = 0;
    while (step < steps && signal?.aborted !== true) {
      const epoch = Math.floor(step / stepsPerEpoch);
      if (epoch !== orderEpoch) {
        order = shuffled(frames.labels.length, random(options.seed, 'order', epoch));
        orderEpoch = epoch;
        epochAt = performance.now();
        trainLosses = weights.map(() => 0);
        inEpoch = 0;
      }
      const stepAt = performance.now();
      const from = (step % stepsPerEpoch) * options.batch;
      const picked = order.subarray(from, from + options.batch);
      const outcome = learner.step({
        frames: makeBatch(frames, normalisation, picked, {
          by: options,
          epoch,
          source: random(options.seed, 'augment', step),
        }),
        labels: Array.from(picked, (frame) => frames.labels[frame] as number),
        weights: stepWeights(weights, options.oscillate ? random(options.seed, 'oscillate', step) : null),
        rate: options.rate * triangle(step, steps),
        averageShare: Math.max(1 / AVERAGE_STEPS, 1 / (1 + step / 10)),
      });
      step++;
      inEpoch++;
      trainLosses = trainLosses.map((sum, i) => sum + (outcome.losses[i] as number));
      report({
        type: 'step',
        step,
        steps,
        epoch: epoch + 1,
        ...outcome,
        framesPerSecond: (options.batch * 1000) / (performance.now() - stepAt),
      });
      await new Promise(setImmediate); // lets signals and the progress display in
      if (step % stepsPerEpoch === 0 || step === steps) {
        if (step === steps) calibrate(learner, frames, normalisation, options);
        exits = validate(learner, validation, normalisation);
        await keep();
        const epochSeconds = (performance.now() - epochAt) / 1000;
        report({
          type: 'epoch',
          epoch: epoch + 1,
          epochs: Math.ceil(options.epochs),
          step,
          seconds: epochSeconds,
          trainLosses: trainLosses.map((sum) => sum / inEpoch),
          exits,
        });
      }
    }
    if (step < steps) {
      await keep();
      report({ type: 'stopped', step });
    } else {
      report({ type: 'finished', seconds: seconds() });
    }
    return { isFinished: step >= steps, steps: step, exits, checkpoint, seconds: seconds() };
  } finally {
    learner.dispose();
    kernels.dispose();
  }
}

const BETA_RATE_FACTOR = 8;

function calibrate(learner: Learner, frames: FrameSet, to: Normalisation, { batch, seed }: TrainOptions): void {
  const picked = shuffled(frames.labels.length, random(seed, 'calibrate')).subarray(0, CALIBRATION_FRAMES);
  const batches = Array.from({ length: Math.floor(picked.length / batch) }, (_, i) =>
    picked.subarray(i * batch, (i + 1) * batch),
  );
  learner.calibrate(
    (function* () {
      for (const order of batches) yield makeBatch(frames, to, order, null);
    })(),
  );
}

async function load(options: TrainOptions, report: (event: TrainEvent) => void): Promise<FrameSet> {
  if (typeof options.data !== 'string') return options.data;
  const { network, limit, seed } = options;
  return loadFrames(options.data, {
    size: network.input,
    limit,
    seed,
    progress: (done, all) => report({ type: 'loading', done, all }),
  });
}

function described(options: TrainOptions) {
  const { data, out: _out, resume: _resume, ...rest } = options;
  return { ...rest, data: typeof data === 'string' ? data : data.name };
}

function fingerprintOf(options: TrainOptions, data: FrameSet): string {
  const { data: _name, epochs: _epochs, ...rest } = described(options);
  return JSON.stringify({ ...rest, frames: data.labels.length, classes: data.classes.length });
}
