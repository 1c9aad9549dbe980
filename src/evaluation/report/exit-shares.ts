// Section: where frames leave the network, at the chosen threshold and at others.
import { shareChart } from '../../charts/share-chart.ts';
import { minConfidenceText } from '../../core/exit-policy.ts';
import { type Html, html, trusted } from './html.ts';
import { percent, type ReportInput } from './report-input.ts';

export function exitSharesSection({ evaluation }: ReportInput): Html {
  const { earlyExit, thresholds, exits } = evaluation;
  const chosen = minConfidenceText(earlyExit.minConfidence);
  const rows = [{ ...earlyExit, name: `chosen: ${chosen}` }].concat(
    thresholds.map((row) => ({ ...row, name: String(row.minConfidence) })),
  );
  const svg = shareChart({
    title: 'Frames that leave at each exit, by threshold',
    parts: exits.map(({ stage }) => `exit ${stage}`),
    // The figure has no room for a threshold per exit: the table tells them.
    rows: rows.map((row, i) => (i === 0 ? { ...row, name: 'chosen' } : row)),
  });
  return html`<section id="exit-shares">
<h2>Leaving early</h2>
<p>At the chosen threshold, ${chosen}, accuracy is <b>${percent(earlyExit.accuracy)}</b> for
<b>${earlyExit.meanPasses.toFixed(3)} passes</b> a frame; frames stop at stage ${earlyExit.meanDepth.toFixed(2)} on average.</p>
<figure>${trusted(svg)}</figure>
<table>
<thead><tr><th>threshold</th><th>accuracy</th><th>mean passes</th><th>mean stage</th>${exits.map(({ stage }) => html`<th>exit ${stage}</th>`)}</tr></thead>
<tbody>
${rows.map(
  ({ name, accuracy, meanPasses, meanDepth, shares }) =>
    html`<tr><th scope="row">${name}</th><td>${percent(accuracy)}</td><td>${meanPasses.toFixed(3)}</td><td>${meanDepth.toFixed(2)}</td>${shares.map((share) => html`<td>${percent(share)}</td>`)}</tr>
`,
)}</tbody>
</table>
</section>`;
}
