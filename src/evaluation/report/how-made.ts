// Section: how the report was made, so that it can be made again.
import { type Html, html } from './html.ts';
import type { ReportInput } from './report-input.ts';
import { fittedOn } from './temperature-table.ts';

export function howMadeSection({ evaluation, model, made }: ReportInput): Html {
  const { training, quality, network } = model;
  const rows: readonly (readonly [string, string])[] = [
    ['command', made.command],
    ['date', made.at.toISOString()],
    [
      'model',
      `${evaluation.model} (network ${network.name}, ${network.stages.length} stages, weights ${model.weights.sha256.slice(0, 12)})`,
    ],
    [
      'data',
      `${evaluation.data}: ${evaluation.frames} frames${made.skipped > 0 ? `, ${made.skipped} left out because they could not be decoded` : ''}`,
    ],
    ['engine', `${evaluation.engine}, ${evaluation.framesPerSecond.toFixed(0)} frames a second at full depth`],
    [
      'answers by rule',
      `${evaluation.answer.rule}${evaluation.answer.weights === undefined ? '' : ', with fitted weights'}`,
    ],
    ['trained by', training.command],
    ['trained on', `${training.data}, ${training.epochs} epochs, seed ${training.seed}, commit ${training.commit}`],
    ['temperatures fitted on', fittedOn(training)],
    ['tables counted on', quality.measuredOn],
  ];
  return html`<section id="how-made">
<h2>How this was made</h2>
<table class="facts"><tbody>
${rows.map(
  ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>
`,
)}</tbody></table>
</section>`;
}
