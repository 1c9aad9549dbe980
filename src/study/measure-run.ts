// A trained run of the study measured: its exits, and what leaving early is worth, on test frames that chose nothing.
import { answersInThread, type ExitAnswers } from '../evaluation/exit-answers.ts';
import { accuracyOf } from '../evaluation/exit-quality.ts';
import { earlyExit, thresholdForBudget } from '../evaluation/exit-threshold.ts';
import { thresholdsForBudget } from '../evaluation/threshold-per-exit.ts';
import { readBundle } from '../network/bundle.ts';
import { stageTableOf } from '../network/stage-table-of.ts';
import { loadNative } from '../network/tensorflow-native.ts';
import { type FrameSet, split } from '../training/frames.ts';
import type { RunRecord } from './run-record.ts';

/** `train`: all frames of the training, from which `validationShare` and `seed` hold out the same as it did. */
export interface MeasuredOn {
  readonly train: FrameSet;
  readonly test: FrameSet;
  readonly validationShare: number;
  readonly seed: number;
}

const BUDGETS = [0.2, 0.3, 0.4, 0.5, 0.6, 0.8];
const BATCH = 250;

/** `folder`: the run's bundle. All figures are of the exits' own answers, whatever rule the bundle is served by. Errors: bad-bundle, engine-unavailable. */
export async function measureRun(folder: string, on: MeasuredOn): Promise<Pick<RunRecord, 'exits' | 'earlyExit'>> {
  await loadNative();
  const { model, tensors } = await readBundle(folder);
  const answers = (set: FrameSet) =>
    answersInThread(model.network, tensors, model.normalisation, set, { batch: BATCH });
  const { validation } = split(on.train, on.validationShare, on.seed);
  const [held, tested] = [answers(validation), answers(on.test)];
  const table = stageTableOf(model);
  /** What these thresholds, chosen on the held-out frames, give on the test frames. */
  const testedAt = <T extends number | readonly number[]>(minConfidence: T) => {
    const { accuracy, meanPasses } = earlyExit(tested, on.test.labels, table, minConfidence);
    return { meanPasses: Math.min(1, meanPasses), testAccuracy: accuracy };
  };
  let macs = 0;
  return {
    exits: model.stages.map((stage, i) => {
      macs += stage.macs + stage.headMacs;
      const testAccuracy = accuracyOf(tested[i] as ExitAnswers, on.test.labels);
      const validationAccuracy = accuracyOf(held[i] as ExitAnswers, validation.labels);
      return { macs, headMacs: stage.headMacs, validationAccuracy, testAccuracy };
    }),
    earlyExit: BUDGETS.map((averageBudget) => {
      const { minConfidence } = thresholdForBudget(held, validation.labels, table, averageBudget);
      const own = thresholdsForBudget(held, validation.labels, table, averageBudget).minConfidence;
      const perExit = { minConfidence: [...own], ...testedAt(own) };
      return { averageBudget, minConfidence, ...testedAt(minConfidence), perExit };
    }),
  };
}
