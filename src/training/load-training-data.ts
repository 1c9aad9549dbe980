// The frames of a training: those it learns from and holds out, and those it is measured on at its end, all read and checked at its start.
import { realpath } from 'node:fs/promises';
import { AnytimeError } from '../errors.ts';
import { checkData, checkTestData } from './check-data.ts';
import type { FrameSet } from './frames.ts';
import { loadFrames } from './load-frames.ts';
import type { TrainEvent, TrainOptions } from './options.ts';

export interface TrainingData {
  readonly data: FrameSet;
  /** By the classes of `data`; null where nothing is to be measured. */
  readonly test: FrameSet | null;
}

/** What is wrong with single files is reported. Errors: bad-data-set, bad-argument where it would be measured on what it learnt from. */
export async function loadTrainingData(
  options: TrainOptions,
  report: (event: TrainEvent) => void,
): Promise<TrainingData> {
  const { data: of, network, limit, seed, bundle } = options;
  const { test } = bundle ?? {};
  if (typeof of === 'string' && typeof test === 'string') await expectOthers(of, test);
  const progress = (done: number, all: number | null) => report({ type: 'loading', done, all });
  const how = { size: network.input, seed, progress };
  const data =
    typeof of === 'string'
      ? await loadFrames(of, { ...how, limit, check: (loaded) => checkData(of, loaded, report, limit) })
      : of;
  if (typeof test !== 'string') return { data, test: test ?? null };
  const { classes } = data;
  const check = (loaded: Parameters<typeof checkTestData>[1]) => checkTestData(test, loaded, report);
  return { data, test: await loadFrames(test, { ...how, classes, isTest: true, check }) };
}

/** Errors: bad-argument when both lie at one place. */
async function expectOthers(data: string, test: string): Promise<void> {
  const [a, b] = await Promise.all([data, test].map((path) => realpath(path).catch(() => null)));
  if (a === null || a !== b) return; // nothing there, or drawn: told, or drawn with other fonts, when it is loaded
  throw new AnytimeError(
    'bad-argument',
    `Expected \`--test\` to be frames that are not trained on, got those of \`--data\`, ${data}`,
  );
}
