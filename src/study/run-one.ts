// One run of the study: train (goes on where it was stopped), measure the bundle on test frames, keep the result as run.json. A run that has
// its result is not done again; other options make another folder.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { answersInThread } from '../evaluation/exit-answers.ts';
import { accuracyOf } from '../evaluation/exit-quality.ts';
import { earlyExit, thresholdForBudget } from '../evaluation/exit-threshold.ts';
import { readBundle } from '../network/bundle.ts';
import { stageTableOf } from '../network/stage-table-of.ts';
import { writeWhole } from '../network/write-whole.ts';
import { type FrameSet, split } from '../training/frames.ts';
import { TRAIN_DEFAULTS, type TrainEvent, type TrainOptions } from '../training/options.ts';
import { train } from '../training/train.ts';
import type { StudyRun } from './plan.ts';

const share = z.number().min(0).max(1);

export const RunRecordSchema = z.strictObject({
  id: z.string(),
  seed: z.int(),
  epochs: z.number(),
  commit: z.string(),
  seconds: z.number(),
  exits: z.array(
    z.strictObject({ macs: z.number(), headMacs: z.number(), validationAccuracy: share, testAccuracy: share }),
  ),
  /** Leaving early, thresholds chosen on the frames held out of training, figures on test frames. */
  earlyExit: z.array(
    z.strictObject({ averageBudget: share, minConfidence: z.number(), meanPasses: share, testAccuracy: share }),
  ),
});
/** `macs`: cost up to and with the exit, heads included. */
export type RunRecord = z.infer<typeof RunRecordSchema>;

export interface StudyFrames {
  readonly train: FrameSet;
  readonly test: FrameSet;
}

export interface RunRecipe {
  readonly epochs: number;
  readonly batch: number;
  readonly flips: boolean;
  readonly precision: TrainOptions['precision'];
  readonly validationShare: number;
  readonly commit: string;
}

const BUDGETS = [0.2, 0.3, 0.4, 0.5, 0.6, 0.8];
const BATCH = 250;

/** The folder of a run in `out`: its name and what decides its result. */
export function runFolder(out: string, run: StudyRun, frames: StudyFrames, recipe: RunRecipe): string {
  const { commit: _, ...decisive } = recipe;
  const { name, labels } = frames.train;
  const text = JSON.stringify({ ...run, ...decisive, name, frames: labels.length, test: frames.test.labels.length });
  return join(out, `${run.id}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`);
}

/** The stored result; null when the run is not finished. Errors: those of zod when the file was changed by hand. */
export async function storedRecord(folder: string): Promise<RunRecord | null> {
  const path = join(folder, 'run.json');
  return existsSync(path) ? RunRecordSchema.parse(JSON.parse(await readFile(path, 'utf8'))) : null;
}

/** The run's result, made now where there is none; null when it was aborted (what was trained is kept). Errors: those of `train`. */
export async function runOne(
  folder: string,
  run: StudyRun,
  frames: StudyFrames,
  recipe: RunRecipe,
  report: (event: TrainEvent) => void,
  signal?: AbortSignal,
): Promise<RunRecord | null> {
  const done = await storedRecord(folder);
  if (done !== null) return done;
  const { network, weights, oscillate, seed } = run;
  const { commit, ...own } = recipe;
  const bundle = { folder: join(folder, 'bundle'), name: 'study', version: '1', command: `study ${run.id}`, commit };
  const options: TrainOptions = {
    ...TRAIN_DEFAULTS,
    ...own,
    ...{ data: frames.train, network, out: folder, weights, oscillate, seed, bundle },
  };
  const summary = await train(options, report, signal);
  if (!summary.isFinished) return null;
  const record = { ...(await measured(bundle.folder, options, frames)), id: run.id, seed, commit };
  const whole = RunRecordSchema.parse({ ...record, epochs: recipe.epochs, seconds: summary.seconds });
  await writeWhole(join(folder, 'run.json'), `${JSON.stringify(whole, null, 2)}\n`);
  return whole;
}

async function measured(folder: string, options: TrainOptions, frames: StudyFrames) {
  const { model, tensors } = await readBundle(folder);
  const answers = (set: FrameSet) =>
    answersInThread(model.network, tensors, model.normalisation, set, { batch: BATCH });
  const { validation } = split(frames.train, options.validationShare, options.seed);
  const [held, tested] = [answers(validation), answers(frames.test)];
  const table = stageTableOf(model);
  let macs = 0;
  return {
    exits: model.stages.map((stage, i) => {
      macs += stage.macs + stage.headMacs;
      const testAccuracy = accuracyOf(tested[i] as (typeof tested)[number], frames.test.labels);
      const validationAccuracy = model.quality.exits[i]?.accuracy ?? 0;
      return { macs, headMacs: stage.headMacs, validationAccuracy, testAccuracy };
    }),
    earlyExit: BUDGETS.map((averageBudget) => {
      const { minConfidence } = thresholdForBudget(held, validation.labels, table, averageBudget);
      const { accuracy, meanPasses } = earlyExit(tested, frames.test.labels, table, minConfidence);
      return { averageBudget, minConfidence, meanPasses: Math.min(1, meanPasses), testAccuracy: accuracy };
    }),
  };
}
