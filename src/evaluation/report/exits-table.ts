// Section: the exits in figures.
import { type Html, html } from './html.ts';
import { megaMacs, percent, type ReportInput } from './report-input.ts';

export function exitsTableSection({ evaluation }: ReportInput): Html {
  return html`<section id="exits">
<h2>The exits</h2>
<table>
<thead><tr><th>exit</th><th>million MACs</th><th>passes</th><th>accuracy</th><th>mean confidence</th><th>ECE</th><th>AUROC</th></tr></thead>
<tbody>
${evaluation.exits.map(
  (exit) =>
    html`<tr><th scope="row">${exit.stage}</th><td>${megaMacs(exit.macs)}</td><td>${exit.passes.toFixed(3)}</td><td>${percent(exit.accuracy)}</td><td>${exit.meanConfidence.toFixed(3)}</td><td>${exit.calibrationError.toFixed(3)}</td><td>${exit.separation?.toFixed(3) ?? '–'}</td></tr>
`,
)}</tbody>
</table>
<p class="note">Cost is up to and with the exit, heads included; 1 pass is the whole network. ECE, expected calibration error: how far confidence
and accuracy are apart, 0 is best. AUROC: chance that a right answer showed more confidence than a wrong one, 0.5 is worthless.</p>
</section>`;
}
