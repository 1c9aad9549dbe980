// One run of the study: train (goes on where it was stopped), measure the bundle on test frames, keep the result as run.json. A run that has
// its result is not done again; one whose result lacks what is asked now, or is of other test frames, is measured again from its bundle. Other
// options make another folder; other frames to train on need another `--out`.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AnytimeError } from '../errors.ts';
import { readCheckpoint } from '../network/checkpoint.ts';
import { writeWhole } from '../network/write-whole.ts';
import { type FrameSet, framesSha256 } from '../training/frames.ts';
import { TRAIN_DEFAULTS, type TrainEvent, type TrainOptions } from '../training/options.ts';
import type { Progress } from '../training/progress.ts';
import { CHECKPOINT_FILE } from '../training/run-folder.ts';
import { train } from '../training/train.ts';
import { measureRun } from './measure-run.ts';
import type { StudyRun } from './plan.ts';
import {
  type FramesDigest,
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
  readonly sha256: FramesDigest;
}

export function studyFrames(train: FrameSet, test: FrameSet): StudyFrames {
  return { train, test, sha256: { train: framesSha256(train), test: framesSha256(test) } };
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

/**
 * The run's result, made now where there is none; null when it was aborted (what was trained is kept). Errors: those of `train`, and
 * bad-argument where it was trained on other frames.
 */
export async function runOne(
  folder: string,
  run: StudyRun,
  frames: StudyFrames,
  recipe: RunRecipe,
  report: (event: TrainEvent) => void,
  signal?: AbortSignal,
): Promise<RunRecord | null> {
  const done = await storedRecord(folder, frames.sha256);
  if (done !== null) return done;
  const bundle = join(folder, 'bundle');
  const earlier = existsSync(join(bundle, 'model.json')) ? await storedTraining(folder) : null;
  if (earlier !== null) await expectTrainedOn(frames.sha256.train, folder, earlier);
  const trained = earlier ?? (await trainRun(folder, bundle, run, frames, recipe, report, signal));
  if (trained === null) return null;
  const { id, seed } = run;
  const measured = await measureRun(bundle, { ...frames, seed, validationShare: recipe.validationShare });
  const made = { id, seed, epochs: recipe.epochs, ...trained, frames: frames.sha256 };
  const record = RunRecordSchema.parse({ ...made, ...measured });
  await writeWhole(join(folder, RECORD_FILE), `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

/** Where the result does not tell on which frames it was trained, the checkpoint may. */
async function expectTrainedOn(frames: string, folder: string, earlier: Trained): Promise<void> {
  const checkpoint = join(folder, CHECKPOINT_FILE);
  const was = earlier.frames?.train ?? (existsSync(checkpoint) ? await framesOf(checkpoint) : undefined) ?? frames;
  if (was === frames) return;
  throw new AnytimeError(
    'bad-argument',
    `Expected the frames that ${folder} was trained on, SHA-256 ${was}, got others, ${frames}: use those, or another \`--out\``,
  );
}

async function framesOf(checkpoint: string): Promise<string | undefined> {
  const { fingerprint } = (await readCheckpoint(checkpoint)).state as Pick<Progress, 'fingerprint'>;
  return (JSON.parse(fingerprint) as { readonly framesSha256?: string }).framesSha256;
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
