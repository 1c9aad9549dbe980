// Whether `anytime calibrate --epsilon E --delta D` keeps its promise: over many random splits a threshold is chosen on some frames and what it
// loses is counted on the others, which took no part.
import { configOf } from '../../src/cli/config-flags.ts';
import { loadFrameSet } from '../../src/cli/load-frame-set.ts';
import { measuringRunner } from '../../src/cli/measuring-runner.ts';
import { LATEST } from '../../src/core/answer-rule.ts';
import type { StageTable } from '../../src/core/stage-table.ts';
import { answersByPolicy } from '../../src/evaluation/answer-rules.ts';
import type { ExitAnswers } from '../../src/evaluation/exit-answers.ts';
import { scoresByRunner } from '../../src/evaluation/exit-scores.ts';
import { earlyExit, FULL_DEPTH } from '../../src/evaluation/exit-threshold.ts';
import { type AccuracyPromise, lostShare, promisedThreshold } from '../../src/evaluation/learn-then-test.ts';
import { ofFrames } from '../../src/evaluation/recalibrate.ts';
import { readModel } from '../../src/network/bundle.ts';
import { stageTableOf } from '../../src/network/stage-table-of.ts';
import { random, shuffled } from '../../src/training/random.ts';
import { median } from './median.ts';

export interface PromiseFlags {
  readonly model: string;
  readonly data: string;
  readonly epsilon: number;
  readonly delta: number;
  /** Frames that a threshold is chosen on; the others check it. */
  readonly calibration: number;
  readonly splits: number;
  readonly seed: number;
}

const BATCH = 32;

export async function benchPromise(flags: PromiseFlags): Promise<object> {
  const model = await readModel(flags.model);
  const { frames } = await loadFrameSet(flags.data, model, null, console.error);
  const runner = measuringRunner(configOf({ model: flags.model }), BATCH);
  try {
    await runner.start();
    const { stages, classes } = model;
    const scores = await scoresByRunner(runner, stages.length, classes.length, frames, {
      batch: BATCH,
      progress: () => {},
    });
    const answers = answersByPolicy(model.answer ?? LATEST, scores, frames.labels.length);
    const outcome = keptOver(answers, frames.labels, stageTableOf(model), flags);
    const of = { model: `${model.name}@${model.version}`, data: frames.name, frames: frames.labels.length };
    const { epsilon, delta, calibration, seed } = flags;
    return { bench: 'promise', ...of, calibration, epsilon, delta, seed, ...outcome };
  } finally {
    await runner.stop();
  }
}

export interface PromiseOutcome {
  readonly splits: number;
  /** Splits on whose calibration frames a threshold could be promised. */
  readonly promised: number;
  /** Of these, how many lost more than epsilon on the other frames; as a share of all splits it is to be delta at most. */
  readonly broken: number;
  readonly brokenShare: number;
  /** On the other frames, of the splits with a promise: right at full depth and wrong as they left, a share of the frames. */
  readonly lost: { readonly median: number; readonly most: number } | null;
  /** On the other frames: accuracy of full depth less that of leaving early; median. */
  readonly accuracyLost: number | null;
  /** Mean cost on the other frames; median. */
  readonly meanPasses: number | null;
}

/** Pure. */
export function keptOver(
  answers: readonly ExitAnswers[],
  labels: Uint16Array,
  table: StageTable,
  { calibration, splits, seed, ...promise }: AccuracyPromise & Pick<PromiseFlags, 'calibration' | 'splits' | 'seed'>,
): PromiseOutcome {
  const lost: number[] = [];
  const accuracyLost: number[] = [];
  const meanPasses: number[] = [];
  for (let n = 0; n < splits; n++) {
    const order = [...shuffled(labels.length, random(seed, 'promise', n))];
    const chosenOn = ofFrames(answers, labels, order.slice(0, calibration));
    const { isPromised, chosen } = promisedThreshold(chosenOn.answers, chosenOn.labels, table, promise);
    if (!isPromised) continue;
    const others = ofFrames(answers, labels, order.slice(calibration));
    const early = earlyExit(others.answers, others.labels, table, chosen.minConfidence);
    lost.push(lostShare(others.answers, others.labels, table, chosen.minConfidence));
    accuracyLost.push(earlyExit(others.answers, others.labels, table, FULL_DEPTH).accuracy - early.accuracy);
    meanPasses.push(early.meanPasses);
  }
  const broken = lost.filter((share) => share > promise.epsilon).length;
  const middle = (values: readonly number[]) => (values.length === 0 ? null : round(median(values)));
  return {
    ...{ splits, promised: lost.length, broken, brokenShare: round(broken / splits) },
    lost: lost.length === 0 ? null : { median: round(median(lost)), most: round(Math.max(...lost)) },
    ...{ accuracyLost: middle(accuracyLost), meanPasses: middle(meanPasses) },
  };
}

const round = (value: number) => Math.round(value * 1e4) / 1e4;
