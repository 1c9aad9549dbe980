// An evaluation as one self-contained HTML document: no script, no link, figures as SVG and thumbnails as data inside it.
import { accuracyCostSection } from './accuracy-cost.ts';
import { exitSharesSection } from './exit-shares.ts';
import { exitsTableSection } from './exits-table.ts';
import { howMadeSection } from './how-made.ts';
import { type Html, html, trusted } from './html.ts';
import { reliabilitySection } from './reliability.ts';
import { megaMacs, percent, type ReportInput } from './report-input.ts';
import { STYLE } from './style.ts';
import { lostFramesSection, wrongFramesSection } from './wrong-frames.ts';

/** What a browser may load for it: nothing that is not in it. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/** At most a few MB, however many frames and exits there are: figures have a fixed number of points, thumbnails are counted. */
export async function evaluationReport(input: ReportInput): Promise<string> {
  const { evaluation } = input;
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${evaluation.model} on ${evaluation.data}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<header>
<h1>${evaluation.model}</h1>
<p class="lead">on ${evaluation.frames} frames of ${evaluation.data}, ${input.made.at.toISOString().slice(0, 10)}</p>
${keyFigures(input)}
</header>
<main>
${accuracyCostSection(input)}
${exitsTableSection(input)}
${exitSharesSection(input)}
${reliabilitySection(input)}
${await wrongFramesSection(input)}
${await lostFramesSection(input)}
${howMadeSection(input)}
</main>
</body>
</html>
`;
  return document.text;
}

function keyFigures({ evaluation: { exits, earlyExit, lostByRefining } }: ReportInput): Html | null {
  const [first, last] = [exits[0], exits.at(-1)];
  if (first === undefined || last === undefined) return null;
  return html`<ul class="key">
<li><b>${percent(first.accuracy)}</b><span>first exit, ${megaMacs(first.macs)} million MACs</span></li>
<li><b>${percent(last.accuracy)}</b><span>last exit, ${megaMacs(last.macs)} million MACs</span></li>
<li><b>${percent(earlyExit.accuracy)}</b><span>leaving early, ${earlyExit.meanPasses.toFixed(3)} passes a frame</span></li>
<li><b>${percent(lostByRefining)}</b><span>right at some exit, wrong at the last</span></li>
</ul>`;
}
