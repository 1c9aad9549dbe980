// The model card: README.md of a bundle, for people.
import type { RuleQuality } from '../evaluation/answer-rules.ts';
import type { AnswerChoice } from '../evaluation/choose-answer.ts';
import type { ExitQuality } from '../evaluation/exit-quality.ts';
import type { EarlyExit } from '../evaluation/exit-threshold.ts';
import type { Model } from '../network/model.ts';
import type { FrameSet } from './frames.ts';
import type { Known } from './known-frames.ts';
import type { Plan } from './progress.ts';

export interface CardFigures {
  /** What the default threshold gives on the held-out frames. */
  readonly early: EarlyExit;
  /** The accuracy, as a share, that it may lose there against full depth. */
  readonly earlyLoss: number;
  /** How the answer rule was chosen. */
  readonly choice: AnswerChoice;
  /** Measured at the end, chosen by nothing. */
  readonly tested: { readonly frames: FrameSet; readonly exits: readonly ExitQuality[] } | null;
}

/** What the training tells of itself, for the card. */
export interface Making {
  /** Whose weights these are, from 1. */
  readonly epoch: number;
  /** Whether they are those of the best epoch; else the last, because the best one's were not kept. */
  readonly isBest: boolean;
  readonly plans: readonly Plan[];
  readonly known: Known;
}

const TOO_FEW =
  '\n  These frames are too few for a lower one, or would lose by it: `anytime calibrate --write` chooses one on frames of yours.';

export function modelCard(
  model: Omit<Model, 'weights'>,
  { early, earlyLoss, choice, tested }: CardFigures,
  made: Making & { readonly isOpt: boolean },
): string {
  const { name, version, network, classes, training, quality, stages } = model;
  const { height, width } = network.input;
  let macs = 0;
  const rows = stages.map((stage, i) => {
    macs += stage.macs + stage.headMacs;
    const cells = [`${i + 1}`, (macs / 1e6).toFixed(2), stage.passes.toFixed(3), percent(quality.exits[i]?.accuracy)];
    return `| ${[...cells, ...(tested ? [percent(tested.exits[i]?.accuracy)] : [])].join(' | ')} |`;
  });
  const shown = classes.length > 40 ? `${classes.length} classes` : classes.join(', ');
  return `# ${name} ${version}

An anytime network: ${stages.length} stages with an exit after each. Input ${width}×${height} RGB, ${classes.length} classes: ${shown}.

| exit | MMAC so far | passes | accuracy on held-out frames |${tested ? ' accuracy on test frames |' : ''}
|---|---|---|---|${tested ? '---|' : ''}
${rows.join('\n')}

${calibrationTable(quality)}- Held-out frames: ${quality.measuredOn}. Everything in \`model.json\` (confidence tables, default threshold) comes from them, and they chose the epoch.${heldOutDoubts(model, made)}
${tested ? `- Test frames: ${tested.frames.labels.length} of ${tested.frames.name}, measured once at the end. They chose nothing.${testDoubts(made)}\n` : ''}${answerLine(choice)}
- Default threshold ${model.defaultMinConfidence}, the loosest that loses at most ${earlyLoss * 100} points against full depth there: on the held-out frames, leaving at the first exit this confident has accuracy
  ${percent(early.accuracy)} at ${early.meanPasses.toFixed(3)} passes a frame (${early.shares.map((s) => percent(s, 0)).join(', ')} of the frames leave at exits 1 to ${stages.length}).${early.minConfidence === 1 ? TOO_FEW : ''}
- One pass = one run to full depth = ${(macs / 1e6).toFixed(2)} million multiply-accumulates a frame.

## How it was made
\`${training.command}\`

Data: ${training.data}. Seed ${training.seed}, ${training.epochs} epochs; these are the weights after epoch ${made.epoch}, ${whichEpoch(made)}.${plansText(made.plans)} Sources: commit ${training.commit}. BatchNorm is folded into the convolutions, each
exit's confidence is calibrated by a temperature on the held-out frames, weights are IEEE half precision. Figures are those of the weights as stored.

## What it is not for
Frames unlike its training data: it names one of its classes for anything it is shown, and its confidence means nothing there. No decision about
people, health, safety or access. Its accuracy was measured on the frames named above and on nothing else.
`;
}

/** Why figures on held-out frames may be too good. */
function heldOutDoubts({ training }: Pick<Model, 'training'>, { known: { heldOut } }: Making): string {
  const twins =
    heldOut.known > 0
      ? [
          `${heldOut.known} of them are, pixel by pixel, among the frames it was trained on too: the figures on them are too good.`,
        ]
      : [];
  const begun =
    training.heldOut?.mayBeKnown === true
      ? [
          'What it began with learnt some of these classes from other frames, maybe from held-out ones too: then the figures on them are too good.',
        ]
      : [];
  return [...twins, ...begun].map((text) => `\n  ${text}`).join('');
}

function testDoubts({ known: { test } }: Making): string {
  return test.known > 0 ? `\n  ${test.known} of them are, pixel by pixel, among the training data too.` : '';
}

function whichEpoch({ isBest, isOpt }: Making & { readonly isOpt: boolean }): string {
  if (!isBest) return 'the last: those of the best were not kept';
  return `the best by the ${isOpt ? 'accuracy of the last exit' : 'mean accuracy over the exits'}\non the held-out frames`;
}

/** Nothing where the command alone tells it. */
function plansText(plans: readonly Plan[]): string {
  if (plans.length === 1 && plans[0]?.step === 0) return '';
  const told = plans.map(({ step, epochs, precision }) => `from step ${step} on ${epochs} epochs in ${precision}`);
  const before = (plans[0]?.step ?? 0) > 0 ? `, what for before that was not noted` : '';
  return ` It was asked for ${told.join(', ')}${before}: the command alone may not make the same weights.`;
}

/** The rule that is served, and what every rule is worth on the frames that chose it. */
function answerLine({ policy, frames, rules }: AnswerChoice): string {
  const isServed = ({ rule, isWeighted }: RuleQuality) =>
    rule === policy.rule && isWeighted === (policy.weights !== undefined);
  const weights = policy.weights
    ?.slice(1)
    .map(({ own, before }) => `${own} and ${before}`)
    .join(', ');
  const figures = rules.map((rule) => {
    const name = `${rule.rule}${rule.isWeighted ? ' with fitted weights' : ''}`;
    const mean = rule.exits.reduce((sum, { accuracy }) => sum + accuracy, 0) / rule.exits.length;
    const text = `${name} ${percent(mean)}, ${percent(rule.lostByRefining)}`;
    return isServed(rule) ? `**${text}**` : text;
  });
  // of one held-out frame no half is left to judge by
  const judged =
    frames === 0
      ? ''
      : ` Mean accuracy over the exits, and share of the frames that are right at some exit
  and wrong at the last, on ${frames} held-out frames that fitted no weights: ${figures.join('; ')}.`;
  return `- Answer rule: **${policy.rule}**${weights === undefined ? '' : `; weights of each exit from the second on, and of the answer before it: ${weights}`}. Accuracies, confidences
  and the default threshold are of the answer by this rule.${judged}`;
}

/** Temperatures of the exits; how far each exit's confidence could be trusted before and after, and the answer's as served. */
function calibrationTable({ exits }: Model['quality']): string {
  const rows = exits.flatMap(({ calibration }, i) => {
    if (calibration === undefined) return [];
    const { temperature, before, after, served = after } = calibration;
    const trust = [before, after, served].map(
      ({ error, separation }) => `${percent(error)}, ${separation?.toFixed(3) ?? '–'}`,
    );
    return [`| ${[`${i + 1}`, temperature.toFixed(2), ...trust].join(' | ')} |`];
  });
  if (rows.length === 0) return '';
  const head =
    '| exit | temperature | calibration error, AUROC of right/wrong: before the temperature | after it | of the answer as served |';
  const of = 'Of the held-out frames that the temperatures were fitted on; `anytime evaluate` tells them of others.';
  return `${[head, '|---|---|---|---|---|', ...rows].join('\n')}\n\n${of}\n\n`;
}

function percent(share: number | undefined, digits = 2): string {
  return share === undefined ? '–' : `${(100 * share).toFixed(digits)} %`;
}
