// Part of the reliability section: what the temperatures did to each exit's confidence, on these frames and on those of the bundle's tables.
import type { Trust } from '../temperature-effect.ts';
import { type Html, html } from './html.ts';
import type { ReportInput } from './report-input.ts';

/** Nothing where the bundle does not tell its temperatures. */
export function temperatureTable({
  evaluation: { exits, answer },
  model: { quality, training },
}: ReportInput): Html | null {
  const known = exits.flatMap(({ stage, calibration }) => (calibration === null ? [] : [{ stage, calibration }]));
  if (known.length === 0) return null;
  const rows = known.map(({ stage, calibration: { temperature, ...here } }) => {
    const heldOut = quality.exits[stage - 1]?.calibration;
    return html`<tr><th scope="row">${stage}</th><td>${temperature.toFixed(2)}</td>${changes(here)}${heldOut === undefined ? null : changes(heldOut)}</tr>
`;
  });
  return html`<h3>Before and after the temperatures</h3>
<table id="temperatures">
<thead><tr><th>exit</th><th>temperature</th><th>ECE here</th><th>AUROC here</th><th>ECE, held out</th><th>AUROC, held out</th></tr></thead>
<tbody>
${rows}</tbody>
</table>
<p class="note">An exit's logits are divided by its temperature, which was fitted on ${fittedOn(training)}. Held out: ${quality.measuredOn}.
Here: the frames of this report; both are of the exit's own answers.${
    answer.rule === 'latest'
      ? null
      : html` The diagrams above are of the answers as served, by the rule ${answer.rule}.`
  }</p>`;
}

/** Temperatures are fitted once, at the end of a training; calibrating anew counts the tables on other frames and leaves them. */
export function fittedOn({ data, seed }: ReportInput['model']['training']): string {
  return `frames held out of ${data} by seed ${seed}`;
}

/** ECE and AUROC, before → after. */
function changes({ before, after }: { readonly before: Trust; readonly after: Trust }): Html {
  const change = (of: (trust: Trust) => number | null) =>
    html`<td>${of(before)?.toFixed(3) ?? '–'} → ${of(after)?.toFixed(3) ?? '–'}</td>`;
  return html`${change(({ error }) => error)}${change(({ separation }) => separation)}`;
}
