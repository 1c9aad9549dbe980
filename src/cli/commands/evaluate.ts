// `anytime evaluate`: accuracy, cost and confidence of each exit of a bundle, on labelled frames, through the engine that serves it.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { ANSWER_RULES, type AnswerPolicy, type AnswerRule } from '../../core/answer-rule.ts';
import { minConfidenceText } from '../../core/exit-policy.ts';
import { AnytimeError } from '../../errors.ts';
import { type Evaluation, evaluate } from '../../evaluation/evaluate.ts';
import type { ExitAnswers } from '../../evaluation/exit-answers.ts';
import { readOpt } from '../../evaluation/report/read-opt.ts';
import { evaluationReport } from '../../evaluation/report/report.ts';
import { percent } from '../../evaluation/report/report-input.ts';
import { readModel } from '../../network/bundle.ts';
import type { Model } from '../../network/model.ts';
import { wholeNumber } from '../arguments.ts';
import { commitOfSources } from '../commit-of-sources.ts';
import { addConfigFlags, configOf } from '../config-flags.ts';
import { counted } from '../counted.ts';
import { loadFrameSet } from '../load-frame-set.ts';
import { measuringRunner } from '../measuring-runner.ts';
import { createOutput } from '../output.ts';
import { createProgress } from '../progress.ts';
import { measureOpt, optText, readOptModels } from './measure-opt.ts';

interface Flags {
  readonly data: string;
  readonly limit?: number;
  readonly batch: number;
  readonly answerRule?: AnswerRule;
  readonly report?: string;
  readonly opt?: readonly string[];
  readonly study?: string;
  readonly json?: boolean;
}

export function evaluateCommand(): Command {
  const command = new Command('evaluate')
    .description('Accuracy, cost and confidence of each exit of a bundle, on labelled frames')
    .requiredOption('--data <path>', 'folder with one folder of images per class, or a tar with labels')
    .option('--limit <n>', 'only so many frames', wholeNumber('--limit', 'a number of frames', 1))
    .option('--batch <n>', 'frames in a stage run', wholeNumber('--batch', 'a number of frames', 1, 1024), 32)
    .addOption(
      new Option('--answer-rule <rule>', "measure by another rule than the bundle's own").choices([...ANSWER_RULES]),
    )
    .option(
      '--report <file.html>',
      'write the figures, and the frames each exit gets wrong, as one self-contained page',
    )
    .addOption(
      new Option(
        '--opt <bundles...>',
        'bundles trained for one exit alone (train --stages K --weights opt), to be measured on the same frames: the best possible at their costs',
      ).conflicts('study'),
    )
    .option('--study <file.json>', 'a study with the OPT curve of a network of these classes, for --report and --json')
    .option('--json', 'end with one JSON document on stdout; text goes to stderr');
  return addConfigFlags(command, ['model', 'backend', 'threads', 'minConfidence'])
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  if (flags.study !== undefined && flags.report === undefined && flags.json !== true)
    throw new AnytimeError('bad-argument', 'Expected `--study` together with `--report` or `--json`, got neither');
  const output = createOutput(flags.json ?? false);
  const config = configOf({ ...flags });
  const model = await readModel(config.model);
  if (flags.report !== undefined) await mkdir(dirname(flags.report), { recursive: true }); // told now, not after the run
  const ofStudy = flags.study === undefined ? null : await readOpt(flags.study, model.classes);
  let answers: readonly ExitAnswers[] = [];
  const opts = await readOptModels(flags.opt ?? [], model);
  const where = { limit: flags.limit ?? null, say: output.say };
  const { frames, skipped } = await loadFrameSet(flags.data, model, where.limit, where.say);
  const runner = measuringRunner(config, flags.batch);
  const progress = createProgress('frames evaluated');
  try {
    await runner.start();
    const evaluation = await evaluate({
      model,
      frames,
      runner,
      batch: flags.batch,
      progress: progress.update,
      ...(flags.answerRule !== undefined && { answer: answerPolicy(model, flags.answerRule) }),
      onAnswers: (exits) => {
        answers = exits;
      },
      ...(config.minConfidence !== null && { minConfidence: config.minConfidence }),
    });
    progress.end();
    output.say(evaluationText(evaluation));
    await runner.stop(); // one engine at a time
    const measured = await measureOpt(opts, { frames, data: flags.data, batch: flags.batch, ...where, config });
    if (measured.length > 0) output.say(optText(measured, evaluation.exits));
    const opt = measured.length > 0 ? measured : (ofStudy?.points ?? null);
    const optNetwork = ofStudy?.network ?? null;
    if (flags.report !== undefined) {
      const made = { command: commandLine(), at: new Date(), skipped: skipped.length };
      await writeFile(
        flags.report,
        await evaluationReport({ model, evaluation, answers, frames, opt, optNetwork, made }),
      );
      output.say(`Report: ${flags.report}`);
    }
    output.document({ ...evaluation, opt, optNetwork, skipped: skipped.length, commit: commitOfSources() });
  } finally {
    progress.end();
    await runner.stop();
  }
}

/** The bundle's own policy where it has this rule: with its weights. */
function answerPolicy({ answer }: Model, rule: AnswerRule): AnswerPolicy {
  return answer?.rule === rule ? answer : { rule };
}

/** As it was typed, with quotes where an argument needs them. */
function commandLine(): string {
  const quoted = process.argv
    .slice(2)
    .map((text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`));
  return ['anytime', ...quoted].join(' ');
}

/** The tables for people. */
export function evaluationText(e: Evaluation): string {
  const exits = new Table({
    head: ['exit', 'MMAC', 'passes', 'accuracy', 'mean confidence', 'calibration error', 'tells right from wrong'],
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    style: { head: [], border: [] },
  });
  for (const exit of e.exits) {
    exits.push([
      String(exit.stage),
      (exit.macs / 1e6).toFixed(2),
      exit.passes.toFixed(3),
      percent(exit.accuracy),
      exit.meanConfidence.toFixed(3),
      exit.calibrationError.toFixed(3),
      exit.separation?.toFixed(3) ?? '–',
    ]);
  }
  const { earlyExit: early } = e;
  return [
    `${e.model} on ${counted(e.frames, 'frame')} of ${e.data}, engine ${e.engine}, ${e.framesPerSecond.toFixed(0)} frames/s`,
    exits.toString(),
    `These are the answers by the rule ${ruleText(e.answer.rule, e.answer.weights !== undefined)}.`,
    `Leaving at the first exit that shows ${minConfidenceText(early.minConfidence)} or more: accuracy ${percent(early.accuracy)} for ${early.meanPasses.toFixed(3)} passes; ` +
      `frames that leave at each exit: ${early.shares.map(percent).join(', ')}`,
    ...e.answerRules.map(
      ({ rule, isWeighted, exits: after, lostByRefining }) =>
        `Answer rule ${ruleText(rule, isWeighted)}: accuracy after each exit ${after.map(({ accuracy }) => percent(accuracy)).join(', ')}; ` +
        `right at some exit but wrong at the end ${percent(lostByRefining)}`,
    ),
  ].join('\n');
}

function ruleText(rule: AnswerRule, isWeighted: boolean): string {
  return isWeighted ? `${rule}, weighted` : rule;
}

const EXAMPLES = `
Examples:
  anytime evaluate --model models/cifar10 --data cifar10/test
  anytime evaluate --model models/glyphs --data models/glyphs/test-frames.tar --backend wasm --json | tail -1
  anytime evaluate --model models/cifar10 --data cifar10/test --report report.html
  anytime evaluate --model runs/photos/bundle --data held-out/ --opt runs/opt-1/bundle runs/opt-2/bundle --report report.html`;
