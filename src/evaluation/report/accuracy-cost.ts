// Section: accuracy against cost, of every exit and of leaving early, beside OPT and published networks.
import { type Line, lineChart } from '../../charts/line-chart.ts';
import { type Html, html, trusted } from './html.ts';
import type { CostPoint, ReportInput } from './report-input.ts';

const CIFAR10 = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

/** [million MACs, accuracy in %], read off the plots of the papers (MSDNet arXiv 1703.09844, RANet arXiv 2003.07326). */
const REFERENCES = {
  'MSDNet (read off)': [
    [15, 89.5],
    [38, 91.5],
    [62, 93],
    [110, 93.7],
  ],
  'RANet (read off)': [
    [16, 91.3],
    [45, 93.1],
    [95, 93.7],
  ],
} as const;

export function accuracyCostSection(input: ReportInput): Html {
  const lines = linesOf(input);
  const svg = lineChart({
    title: 'Accuracy against cost',
    x: { name: 'million MACs a frame', min: 0 },
    y: { name: 'accuracy, %' },
    lines,
  });
  const isCifar10 = lines.some(({ name }) => name in REFERENCES);
  return html`<section id="accuracy-cost">
<h2>Accuracy against cost</h2>
<figure>${trusted(svg)}<figcaption>Up and to the left is better. <b>exits</b>: every frame stops at the same exit. <b>early exit</b>: each
frame leaves at the first exit that shows the threshold's confidence (${input.evaluation.thresholds.map(({ minConfidence }) => minConfidence).join(', ')}); cost is the mean.
${input.opt === null ? null : html`<b>OPT</b>: one network per exit, which is to be trained for that exit alone${ofStudy(input)}. `}${
  isCifar10
    ? html`<b>MSDNet, RANet</b>: read off the plots of their papers, on lossless CIFAR-10: a guide, not a measurement of ours.`
    : null
}</figcaption></figure>
</section>`;
}

function ofStudy({ optNetwork }: ReportInput): string {
  return optNetwork === null ? '' : `; of the network ${optNetwork}, on the frames of its study`;
}

/** Points in million MACs and percent. */
export function linesOf({ evaluation, opt, model }: ReportInput): Line[] {
  const passMacs = evaluation.exits.at(-1)?.macs ?? 0;
  const early = [...evaluation.thresholds].map(({ accuracy, meanPasses }) => ({
    accuracy,
    macs: meanPasses * passMacs,
  }));
  const isCifar10 = [...model.classes].sort().join() === CIFAR10.join();
  return [
    { name: 'exits', points: points(evaluation.exits) },
    { name: 'early exit', points: points(early) },
    ...(opt === null ? [] : [{ name: 'OPT', points: points(opt) }]),
    ...(isCifar10 ? Object.entries(REFERENCES).map(([name, read]) => ({ name, points: read, isReference: true })) : []),
  ];
}

function points(measured: readonly CostPoint[]): (readonly [number, number])[] {
  return measured
    .map(({ macs, accuracy }) => [round(macs / 1e6), round(100 * accuracy)] as const)
    .sort(([a], [b]) => a - b);
}

const round = (value: number) => Math.round(value * 1000) / 1000;
