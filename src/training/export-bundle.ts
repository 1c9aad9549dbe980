// From a finished training to a bundle: folded, calibrated, rounded to half precision, measured as it will serve, with its model card.

import { answersByPolicy } from '../evaluation/answer-rules.ts';
import { chooseAnswer } from '../evaluation/choose-answer.ts';
import { answersOf, type ExitAnswers, scoresInThread } from '../evaluation/exit-answers.ts';
import { BUCKET_EDGES, calibrationError, exitQuality, separation } from '../evaluation/exit-quality.ts';
import { loosestThreshold } from '../evaluation/exit-threshold.ts';
import { type WeightTensor, writeBundle } from '../network/bundle.ts';
import { stageCosts } from '../network/cost.ts';
import { fold } from '../network/fold.ts';
import { fromHalf, toHalf } from '../network/half.ts';
import type { Model } from '../network/model.ts';
import { headName } from '../network/shapes.ts';
import { stageTableOf } from '../network/stage-table-of.ts';
import type { DataFacts, FrameSet, Normalisation } from './frames.ts';
import { BATCH_NORM_EPSILON } from './kernels.ts';
import type { Learner } from './learner.ts';
import { type Making, modelCard } from './model-card.ts';
import type { BundleOptions, TrainOptions } from './options.ts';
import { fitTemperature } from './temperature.ts';
import { LOGIT_SCALE } from './units/exit-head.ts';

/** Accuracy that leaving early may cost on held-out data: the default threshold is the loosest within it. */
const EARLY_EXIT_LOSS = 0.002;
const BATCH = 250;

export interface ExportFrames {
  /** Of all that were given to learn from. */
  readonly facts: DataFacts;
  /** Of them, those that were held out. */
  readonly validation: FrameSet;
  /** Measured once, for the card; null = none. */
  readonly test: FrameSet | null;
}

/** What was trained, and how it came about. */
export interface Trained extends Making {
  readonly learner: Pick<Learner, 'averages'>;
  readonly normalisation: Normalisation;
  /** Epochs done. */
  readonly epochs: number;
  readonly mayKnowHeldOut: boolean;
}

/** Everything the card and model.json say comes from `validation`, with the weights as they are stored. Errors: bad-bundle, bad-data-set. */
export async function exportBundle(
  options: TrainOptions,
  { folder, name, version, command, commit }: Omit<BundleOptions, 'test'>,
  { facts, validation, test }: ExportFrames,
  trained: Trained,
): Promise<Model> {
  const { network, seed, validationShare } = options;
  const { learner, normalisation, epochs, mayKnowHeldOut } = trained;
  const to: Model['normalisation'] = { mean: [...normalisation.mean], std: [...normalisation.std] };
  const folded = fold(network, learner.averages(), { epsilon: BATCH_NORM_EPSILON, logitScale: LOGIT_SCALE });
  const scores = scoresInThread(network, folded, to, validation, { batch: BATCH });
  const { labels } = validation;
  const trustIn = (exit: ExitAnswers) => ({
    error: calibrationError(exit, labels),
    separation: separation(exit, labels),
  });
  const before = scores.map((exit, index) => {
    const temperature = fitTemperature(exit, labels);
    for (const part of ['kernel', 'bias'] as const) scale(folded, headName(index + 1, part), 1 / temperature);
    return { temperature, before: trustIn(answersOf(exit, labels.length)) };
  });
  const tensors = new Map([...folded].map(([tensor, values]) => [tensor, rounded(values)]));
  const scoresOf = (frames: FrameSet) => scoresInThread(network, tensors, to, frames, { batch: BATCH });

  const heldScores = scoresOf(validation);
  const choice = chooseAnswer(heldScores, labels);
  const held = answersByPolicy(choice.policy, heldScores, labels.length);
  const quality: Model['quality'] = {
    measuredOn: `${validation.labels.length} frames held out of ${facts.name} by seed ${seed}`,
    bucketEdges: [...BUCKET_EDGES],
    exits: held.map((exit, index) => ({
      ...exitQuality(exit, labels, BUCKET_EDGES, held[index + 1]),
      calibration: {
        ...(before[index] as (typeof before)[number]),
        after: trustIn(answersOf(heldScores[index] as Float32Array, labels.length)),
        served: trustIn(exit),
      },
    })),
  };
  const stages = stageCosts(network, facts.classes.length).map((cost) => ({
    ...cost,
    activations: [...cost.activations] as [number, number, number],
  }));
  const table = stageTableOf({ stages, quality });
  const early = loosestThreshold(held, validation.labels, table, EARLY_EXIT_LOSS);
  const description: Omit<Model, 'weights'> = {
    format: 1,
    name,
    version,
    classes: [...facts.classes],
    normalisation: to,
    network,
    stages,
    quality,
    defaultMinConfidence: early.minConfidence,
    answer: choice.policy,
    training: {
      ...{ command, commit, data: facts.name, seed, epochs },
      heldOut: {
        ...{ frames: facts.frames, validationShare, framesSha256: facts.framesSha256 },
        ...(mayKnowHeldOut && { mayBeKnown: true as const }),
      },
    },
  };
  const measure = (frames: FrameSet) => answersByPolicy(choice.policy, scoresOf(frames), frames.labels.length);
  const tested = test === null ? null : measuredOn(test, measure);
  const made = { ...trained, isOpt: options.weights === 'opt' };
  const card = modelCard(description, { early, earlyLoss: EARLY_EXIT_LOSS, choice, tested }, made);
  return writeBundle(folder, description, tensors, card, 'float16');
}

function scale(tensors: Map<string, WeightTensor>, name: string, by: number): void {
  const { shape, data } = tensors.get(name) as WeightTensor;
  tensors.set(name, { shape, data: data.map((value) => value * by) });
}

/** To half precision and back: what loading the bundle will give. */
function rounded({ shape, data }: WeightTensor): WeightTensor {
  return { shape, data: data.map((value) => fromHalf(toHalf(value))) };
}

function measuredOn(frames: FrameSet, measure: (frames: FrameSet) => readonly ExitAnswers[]) {
  return { frames, exits: measure(frames).map((exit) => exitQuality(exit, frames.labels)) };
}
