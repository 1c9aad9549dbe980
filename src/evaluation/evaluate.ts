// Measures a bundle on a labelled set of frames, through the engine that serves it: one document.
import { isDeepStrictEqual } from 'node:util';
import { type AnswerPolicy, LATEST } from '../core/answer-rule.ts';
import type { MinConfidence } from '../core/exit-policy.ts';
import type { Model } from '../network/model.ts';
import { stageTableOf } from '../network/stage-table-of.ts';
import type { StageRunner } from '../ports.ts';
import { collectByRule, lostByRefining, policiesBeside, type RuleQuality, ruleQualities } from './answer-rules.ts';
import { answersByRunner, type ExitAnswers, type LabelledFrames } from './exit-answers.ts';
import { calibrationError, exitQuality, separation } from './exit-quality.ts';
import { type EarlyExit, earlyExit } from './exit-threshold.ts';
import { collectTemperatures, type TemperatureEffect } from './temperature-effect.ts';

export interface EvaluateOptions {
  readonly model: Model;
  /** Frames in the model's input size, labelled by the model's classes in their order. */
  readonly frames: LabelledFrames;
  /** Started, and running this model. */
  readonly runner: StageRunner;
  /** Frames in a stage batch. */
  readonly batch?: number;
  /** Confidence at which a frame leaves early, for all exits or one per exit. Default: the model's own. */
  readonly minConfidence?: MinConfidence;
  /** How the answers of a frame's exits become its answer. Default: the model's own, as it is served. */
  readonly answer?: AnswerPolicy;
  readonly progress?: (done: number, all: number) => void;
  /** Given the answer to every frame after every exit, for reports about single frames. */
  readonly onAnswers?: (exits: readonly ExitAnswers[]) => void;
}

export interface Evaluation {
  readonly model: string;
  readonly engine: string;
  readonly data: string;
  readonly frames: number;
  /** The rule that all figures but `answerRules` are measured by. */
  readonly answer: AnswerPolicy;
  /** The frame's answer after each exit. */
  readonly exits: readonly {
    readonly stage: number;
    /** Cost up to and with this exit, heads included. */
    readonly macs: number;
    readonly passes: number;
    readonly accuracy: number;
    readonly meanConfidence: number;
    /** Expected calibration error, 15 buckets. */
    readonly calibrationError: number;
    /** Chance that a right answer showed more confidence than a wrong one (AUROC). */
    readonly separation: number | null;
    /** What its temperature does to the exit's own confidence on these frames; null where the bundle does not tell its temperature. */
    readonly calibration: TemperatureEffect | null;
    /** Answers by the confidence they showed: frames, how many right, what the model card expects of such an answer. */
    readonly confidence: readonly {
      readonly upTo: number;
      readonly frames: number;
      readonly right: number;
      /** Null where the answers are by another rule than the bundle's: its card tells nothing of those. */
      readonly expected: number | null;
    }[];
  }[];
  /** Frames right at some exit but wrong at the last: what refining cost, as a share of all. */
  readonly lostByRefining: number;
  /** The same frames by every rule (core/answer-rule.ts): those without weights, then the model's own where it has weights. */
  readonly answerRules: readonly RuleQuality[];
  /** With time and budget for full depth, each frame leaving at the first exit that is confident enough. */
  readonly earlyExit: EarlyExit;
  /** The same at other thresholds: the trade of accuracy against cost. */
  readonly thresholds: readonly EarlyExit<number>[];
  readonly seconds: number;
  readonly framesPerSecond: number;
}

const THRESHOLDS = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99];

/** Errors: as the runner's. */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { model, frames, runner, batch = 32, progress } = options;
  const startedAt = performance.now();
  const own = model.answer ?? LATEST;
  const answer = options.answer ?? own;
  const isOwn = isDeepStrictEqual(answer, own);
  const rules = collectByRule(policiesBeside(answer), model.stages.length, frames.labels.length);
  const temperatures = collectTemperatures(
    model.quality.exits.map(({ calibration }) => calibration?.temperature),
    frames.labels.length,
  );
  await answersByRunner(runner, model.stages.length, frames, {
    batch,
    onScores: (...scored) => {
      rules.note(...scored);
      temperatures.note(...scored);
    },
    ...(progress ? { progress } : {}),
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const answers = rules.answers.get(answer) as readonly ExitAnswers[];
  options.onAnswers?.(answers);
  const { labels } = frames;
  const table = stageTableOf(model);
  const calibrations = temperatures.effects(labels);
  let macs = 0;
  return {
    model: `${model.name}@${model.version}`,
    engine: runner.status().description,
    data: frames.name,
    frames: labels.length,
    answer,
    exits: answers.map((exit, index) => {
      const stage = model.stages[index] as Model['stages'][number];
      macs += stage.macs + stage.headMacs;
      const { accuracy, meanConfidence, buckets } = exitQuality(exit, labels, model.quality.bucketEdges);
      return {
        stage: index + 1,
        macs,
        passes: stage.passes,
        accuracy,
        meanConfidence,
        calibrationError: calibrationError(exit, labels),
        separation: separation(exit, labels),
        calibration: calibrations[index] ?? null,
        confidence: buckets.map((bucket, b) => {
          const upTo = model.quality.bucketEdges[b] as number;
          return { upTo, ...bucket, expected: isOwn ? table.rightGiven(index + 1, upTo) : null };
        }),
      };
    }),
    lostByRefining: lostByRefining(answers, labels),
    answerRules: ruleQualities(rules, labels),
    earlyExit: earlyExit(answers, labels, table, options.minConfidence ?? model.defaultMinConfidence),
    thresholds: THRESHOLDS.map((threshold) => earlyExit(answers, labels, table, threshold)),
    seconds,
    framesPerSecond: labels.length / seconds,
  };
}
