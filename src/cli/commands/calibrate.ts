// `anytime calibrate`: chooses the confidence at which frames leave early, on frames that had no part in training: for a mean cost, or with
// a promise about the accuracy that is lost.
import { Command, Option } from 'commander';
import { type AnswerPolicy, LATEST } from '../../core/answer-rule.ts';
import type { MinConfidence } from '../../core/exit-policy.ts';
import { AnytimeError } from '../../errors.ts';
import { answersByPolicy } from '../../evaluation/answer-rules.ts';
import { scoresByRunner } from '../../evaluation/exit-scores.ts';
import type { EarlyExit } from '../../evaluation/exit-threshold.ts';
import { leastFramesToPromise, promisedThreshold } from '../../evaluation/learn-then-test.ts';
import { ofFrames, qualityOf, type Rechosen, rechooseAnswer } from '../../evaluation/recalibrate.ts';
import { type BudgetChoice, bestForBudget } from '../../evaluation/threshold-per-exit.ts';
import { readModel, writeCalibration } from '../../network/bundle.ts';
import type { Model } from '../../network/model.ts';
import { stageTableOf } from '../../network/stage-table-of.ts';
import { numberFrom, wholeNumber } from '../arguments.ts';
import { addConfigFlags, configOf } from '../config-flags.ts';
import { counted } from '../counted.ts';
import { loadFrameSet } from '../load-frame-set.ts';
import { measuringRunner } from '../measuring-runner.ts';
import { createOutput } from '../output.ts';
import { createProgress } from '../progress.ts';

interface Flags {
  readonly data: string;
  readonly averageBudget?: number;
  readonly epsilon?: number;
  readonly delta: number;
  readonly write?: boolean;
  readonly keepRule?: boolean;
  readonly limit?: number;
  readonly batch: number;
  readonly json?: boolean;
}

export function calibrateCommand(): Command {
  const share = (flag: string) => numberFrom(flag, 'a share', 1e-6, 0.999999);
  const command = new Command('calibrate')
    .description(
      'Choose at which confidence frames leave early: for a mean cost, or with a promise about lost accuracy',
    )
    .requiredOption(
      '--data <path>',
      'labelled frames that had no part in training: a folder per class, or a tar with labels',
    )
    .option(
      '--average-budget <passes>',
      'most passes a frame may cost on average: one threshold for all exits or one per exit, whichever is better here',
      numberFrom('--average-budget', 'passes', 0.001, 1),
    )
    .option(
      '--epsilon <share>',
      'most frames, as a share, that full depth has right and leaving early may have wrong',
      share('--epsilon'),
    )
    .addOption(
      new Option('--delta <share>', 'with --epsilon: chance that the promise is broken')
        .argParser(share('--delta'))
        .default(0.05)
        .conflicts('averageBudget'),
    )
    .option('--write', "make it the bundle's default threshold, with the answer rule that is best on these frames")
    .option('--keep-rule', "with --write: keep the bundle's answer rule")
    .option('--limit <n>', 'only so many frames', wholeNumber('--limit', 'a number of frames', 1))
    .option('--batch <n>', 'frames in a stage run', wholeNumber('--batch', 'a number of frames', 1, 1024), 32)
    .option('--json', 'end with one JSON document on stdout; text goes to stderr');
  return addConfigFlags(command, ['model', 'backend', 'threads']).addHelpText('after', EXAMPLES).action(run);
}

async function run(flags: Flags): Promise<void> {
  const { averageBudget, epsilon, delta } = flags;
  if ((averageBudget === undefined) === (epsilon === undefined)) {
    const got = epsilon === undefined ? 'neither' : 'both';
    throw new AnytimeError('bad-argument', `Expected one of \`--average-budget\` and \`--epsilon\`, got ${got}`);
  }
  if (flags.keepRule === true && flags.write !== true)
    throw new AnytimeError('bad-argument', 'Expected `--keep-rule` together with `--write`, got it alone');
  const output = createOutput(flags.json ?? false);
  const config = configOf({ ...flags });
  const model = await readModel(config.model);
  const { frames, skipped } = await loadFrameSet(flags.data, model, flags.limit ?? null, output.say);
  if (epsilon !== undefined && choseBefore(model, frames.name)) output.say(choseBeforeText(frames.name));
  const runner = measuringRunner(config, flags.batch);
  const progress = createProgress('frames seen');
  try {
    await runner.start();
    const scores = await scoresByRunner(runner, model.stages.length, model.classes.length, frames, {
      batch: flags.batch,
      progress: progress.update,
    });
    progress.end();
    const present = model.answer ?? LATEST;
    const apart = epsilon === undefined ? null : leastFramesToPromise({ epsilon, delta });
    const isRechosen = flags.write === true && flags.keepRule !== true;
    const rechosen = isRechosen ? rechooseAnswer(present, scores, frames.labels, apart) : null;
    const answer = rechosen?.answer ?? present;
    output.say(answerText(answer, rechosen));
    const asServed = answersByPolicy(answer, scores, frames.labels.length);
    const { answers, labels } = ofFrames(asServed, frames.labels, rechosen?.forThreshold ?? null);
    const table = stageTableOf(model);
    const promise = epsilon === undefined ? null : promisedThreshold(answers, labels, table, { epsilon, delta });
    const choice = averageBudget === undefined ? null : bestForBudget(answers, labels, table, averageBudget);
    const { chosen }: { readonly chosen: EarlyExit } = promise ?? (choice as BudgetChoice);
    // Full depth for everybody has no threshold: an answer may show a confidence of exactly 1, and leaving at 1 is what was not promised.
    const minConfidence = promise?.isPromised === false ? null : chosen.minConfidence;
    if (promise !== null) output.say(promiseText(promise.isPromised, epsilon as number, delta));
    output.say(thresholdText(chosen, minConfidence));
    for (const other of choice === null ? [] : [choice.common, choice.perExit])
      if (other !== chosen) output.say(`Not taken: ${thresholdText(other, other.minConfidence)}`);
    if (averageBudget !== undefined && chosen.meanPasses > averageBudget) {
      output.say(`The first exit alone costs ${chosen.meanPasses.toFixed(3)} passes, more than ${averageBudget}.`);
    }
    const isWritten = flags.write === true && minConfidence !== null;
    if (flags.write === true && !isWritten) output.say('Not written: no threshold keeps the promise.');
    if (isWritten) {
      const of = `${counted(frames.labels.length, 'frame')}${ofData(frames.name)}`;
      const how = epsilon === undefined ? { averageBudget } : { epsilon, delta };
      const date = new Date().toISOString().slice(0, 10);
      const calibration = {
        defaultMinConfidence: minConfidence,
        ...(rechosen?.isNew && { answer, quality: qualityOf(model.quality, scores, asServed, frames.labels, of) }),
        calibration: { data: frames.name, frames: frames.labels.length, ...how, date },
      };
      await writeCalibration(config.model, calibration, model.weights.sha256);
      output.say(`Written to ${config.model}.`);
    }
    output.document({
      ...{
        model: `${model.name}@${model.version}`,
        data: frames.name,
        frames: frames.labels.length,
        skipped: skipped.length,
        answer,
        answerRules: rechosen?.choice?.rules ?? null,
        framesForThreshold: labels.length,
      },
      ...(promise === null
        ? { averageBudget, common: choice?.common, perExit: choice?.perExit }
        : { epsilon, delta, isPromised: promise.isPromised, lost: promise.lost, pValue: promise.pValue }),
      ...{ ...chosen, minConfidence, isWritten },
    });
  } finally {
    progress.end();
    await runner.stop();
  }
}

function ofData(name: string): string {
  return ` of ${name}, by anytime calibrate`;
}

/** Whether frames of this name chose the threshold that the bundle has, or its answer rule. */
export function choseBefore({ calibration, quality }: Pick<Model, 'calibration' | 'quality'>, data: string): boolean {
  return calibration?.data === data || quality.measuredOn.endsWith(ofData(data));
}

export function choseBeforeText(data: string): string {
  return `Frames of ${data} chose this bundle's threshold or answer rule before: the promise holds only for frames that had no part in that.`;
}

function answerText({ rule }: AnswerPolicy, rechosen: Rechosen | null): string {
  if (rechosen === null) return `Answer rule ${rule}, the bundle's.`;
  if (rechosen.choice === null) return `Answer rule ${rule}, the bundle's: too few frames to choose one.`;
  return `Answer rule ${rule}, chosen on ${rechosen.choice.frames} of these frames; the threshold on ${rechosen.forThreshold.length}.`;
}

export function promiseText(isPromised: boolean, epsilon: number, delta: number): string {
  const promise = `at most ${counted(Number((100 * epsilon).toFixed(6)), 'point')} of accuracy lost against full depth, with probability ${Number((1 - delta).toFixed(6))}`;
  return isPromised
    ? `Promised: ${promise}.`
    : `These frames are too few or too hard to promise ${promise}: full depth.`;
}

/** The last exit has no threshold: everybody who comes there leaves. */
export function thresholdText(
  { accuracy, meanPasses, shares }: EarlyExit,
  minConfidence: MinConfidence | null,
): string {
  const leave = shares.map((share) => `${(100 * share).toFixed(1)} %`).join(', ');
  const by =
    minConfidence === null
      ? 'Full depth'
      : typeof minConfidence === 'number'
        ? `Leave every exit at confidence ${minConfidence}`
        : `Leave ${exitsText(minConfidence.slice(0, shares.length - 1))}`;
  return (
    `${by}: accuracy ${(100 * accuracy).toFixed(2)} % on these frames for ${meanPasses.toFixed(3)} passes a frame; ` +
    `frames that leave at each exit: ${leave}`
  );
}

/** "exit 1 at confidence 0.03, exit 2 at 0.9" */
function exitsText(thresholds: readonly number[]): string {
  return thresholds
    .map((threshold, i) => `exit ${i + 1} at ${i === 0 ? 'confidence ' : ''}${Number(threshold.toFixed(4))}`)
    .join(', ');
}

const EXAMPLES = `
Examples:
  anytime calibrate --model models/cifar10 --data held-out/ --average-budget 0.4
  anytime calibrate --model models/mine --data held-out/ --epsilon 0.01 --delta 0.05 --write`;
