// The section of a model card about calibrating since the training. Pure.
import { minConfidenceText } from '../core/exit-policy.ts';
import type { Model } from './model.ts';

const HEADING = '## Calibrated since';

/** The card with that section as the model says now: in place of an earlier one, else at the end. */
export function calibratedCard(card: string, model: Model): string {
  const lines = card.trimEnd().split('\n');
  const begin = lines.indexOf(HEADING);
  if (begin < 0) return `${[...lines, '', ...sectionOf(model)].join('\n')}\n`;
  const next = lines.findIndex((line, i) => i > begin && line.startsWith('## '));
  const rest = next < 0 ? [] : ['', ...lines.slice(next)];
  return `${[...lines.slice(0, begin), ...sectionOf(model), ...rest].join('\n')}\n`;
}

function sectionOf({ calibration, defaultMinConfidence, answer, quality }: Model): string[] {
  if (calibration === undefined) return [];
  const { data, frames, epsilon, delta, averageBudget, date } = calibration;
  const why =
    averageBudget === undefined
      ? `at most ${epsilon} of accuracy lost against full depth, promised with probability ${Number((1 - (delta ?? 0)).toFixed(6))}`
      : `most accurate for a mean cost of ${averageBudget} passes a frame`;
  return [
    HEADING,
    'Where other sections say otherwise, they are of before; `model.json` holds the present tables.',
    '',
    `- Default threshold ${minConfidenceText(defaultMinConfidence)}: ${why}. Chosen by \`anytime calibrate\` on ${frames} frames of ${data}, ${date}.`,
    `- Answer rule: **${answer?.rule ?? 'latest'}**${answer?.weights === undefined ? '' : ', with fitted weights'}. Tables of \`model.json\`: ${quality.measuredOn}.`,
  ];
}
