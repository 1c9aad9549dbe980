// Section: a reliability diagram per exit: can its confidence be believed?
import { type ReliabilityBucket, reliabilityChart } from '../../charts/reliability-chart.ts';
import type { ExitAnswers } from '../exit-answers.ts';
import { equalBuckets } from '../exit-quality.ts';
import { type Html, html, trusted } from './html.ts';
import type { ReportInput } from './report-input.ts';
import { temperatureTable } from './temperature-table.ts';

const BUCKETS = 10;

export function reliabilitySection(input: ReportInput): Html {
  const { evaluation, answers, frames } = input;
  return html`<section id="reliability">
<h2>Can the confidence be believed?</h2>
<div class="figures">${evaluation.exits.map((exit, index) => {
    const buckets = reliabilityBuckets(answers[index] as ExitAnswers, frames.labels);
    const svg = reliabilityChart({ title: `Exit ${exit.stage}`, buckets });
    return html`<figure>${trusted(svg)}<figcaption>ECE ${exit.calibrationError.toFixed(3)}, AUROC ${exit.separation?.toFixed(3) ?? '–'}</figcaption></figure>`;
  })}</div>
<p class="note">Blue: share of right answers among those that showed this confidence. Red: the confidence they showed, on average. A bar below its
mark is over-confident, above it too modest. Grey: how many frames; marks over few frames say little. ECE is taken over 15 buckets.</p>
${temperatureTable(input)}
</section>`;
}

/** Equal buckets of confidence over 0…1; a confidence on an edge belongs to the bucket above it. */
export function reliabilityBuckets(
  exit: ExitAnswers,
  labels: ArrayLike<number>,
  count: number = BUCKETS,
): ReliabilityBucket[] {
  return equalBuckets(exit, labels, count).map(({ frames, right, confidence }, index) => ({
    upTo: (index + 1) / count,
    frames,
    accuracy: frames === 0 ? null : right / frames,
    meanConfidence: frames === 0 ? null : confidence / frames,
  }));
}
