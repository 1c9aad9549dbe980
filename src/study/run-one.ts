// One run of the study: train (goes on where it was stopped), measure the bundle on test frames, keep the result as run.json. A run that has
// its result is not done again; one whose result lacks what is asked now is measured again from its bundle. Other options make another folder.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../network/write-whole.ts';
import type { FrameSet } from '../training/frames.ts';
import { TRAIN_DEFAULTS, type TrainEvent, type TrainOptions } from '../training/options.ts';
import { train } from '../training/train.ts';
import { measureRun } from './measure-run.ts';
import type { StudyRun } from './plan.ts';
import {
  RECORD_FILE,
  type RunRecord,
  RunRecordSchema,
  storedRecord,
  storedTraining,
  type Trained,
} from './run-record.ts';

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

/** The folder of a run in `out`: its name and what decides its result. */
export function runFolder(out: string, run: StudyRun, frames: StudyFrames, recipe: RunRecipe): string {
  const { commit: _, ...decisive } = recipe;
  const { sequence, ...rest } = run;
  const what = sequence.length > 0 ? run : rest; // the name that runs of one network always had
  const { name, labels } = frames.train;
  const text = JSON.stringify({ ...what, ...decisive, name, frames: labels.length, test: frames.test.labels.length });
  return join(out, `${run.id}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`);
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
  const bundle = join(folder, 'bundle');
  const earlier = existsSync(join(bundle, 'model.json')) ? await storedTraining(folder) : null;
  const trained = earlier ?? (await trainRun(folder, bundle, run, frames, recipe, report, signal));
  if (trained === null) return null;
  const { id, seed } = run;
  const measured = await measureRun(bundle, { ...frames, seed, validationShare: recipe.validationShare });
  const record = RunRecordSchema.parse({ id, seed, epochs: recipe.epochs, ...trained, ...measured });
  await writeWhole(join(folder, RECORD_FILE), `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

/** Null when it was aborted. */
async function trainRun(
  folder: string,
  bundle: string,
  { id, network, weights, oscillate, sequence, seed }: StudyRun,
  frames: StudyFrames,
  { commit, ...own }: RunRecipe,
  report: (event: TrainEvent) => void,
  signal?: AbortSignal,
): Promise<Trained | null> {
  const options: TrainOptions = {
    ...TRAIN_DEFAULTS,
    ...own,
    ...{ data: frames.train, network, out: folder, weights, oscillate, sequence, seed },
    bundle: { folder: bundle, name: 'study', version: '1', command: `study ${id}`, commit },
  };
  const { isFinished, seconds } = await train(options, report, signal);
  return isFinished ? { commit, seconds } : null;
}
