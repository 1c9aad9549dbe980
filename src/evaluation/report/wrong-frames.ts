// Sections: the frames that each exit gets wrong, and those right early and wrong at the last exit, as thumbnails.
import type { ExitAnswers } from '../exit-answers.ts';
import { type Html, html } from './html.ts';
import { percent, type ReportInput } from './report-input.ts';
import { thumbnail } from './thumbnail.ts';

/** Thumbnails for one exit, and in the whole document: its size stays bounded however many exits there are. */
const MOST_OF_AN_EXIT = 24;
const MOST_IN_ALL = 300;

/** The wrong answers that were most sure of themselves, by exit. */
export async function wrongFramesSection(input: ReportInput): Promise<Html> {
  const { answers, frames } = input;
  const galleries: Html[] = [];
  for (const [index, exit] of answers.entries()) {
    const wrong = mostSureFirst(exit, (frame) => exit.classes[frame] !== frames.labels[frame], frames.labels.length);
    const shown = wrong.slice(0, mostShown(answers.length));
    galleries.push(html`<h3>Exit ${index + 1}: ${wrong.length} of ${frames.labels.length} wrong${shown.length < wrong.length ? `, the ${shown.length} most sure of themselves` : ''}</h3>
${await gallery(input, shown, exit)}`);
  }
  return html`<section id="wrong-frames">
<h2>What each exit gets wrong</h2>
${galleries}
</section>`;
}

/** Frames that some exit answered right and the last one wrong, those first whose last answer was most sure of itself. */
export async function lostFramesSection(input: ReportInput): Promise<Html> {
  const { answers, frames, evaluation } = input;
  const last = answers.at(-1) as ExitAnswers;
  const rightAt = (frame: number) => answers.findIndex(({ classes }) => classes[frame] === frames.labels[frame]);
  const isLost = (frame: number) => rightAt(frame) !== -1 && last.classes[frame] !== frames.labels[frame];
  const lost = mostSureFirst(last, isLost, frames.labels.length);
  const shown = lost.slice(0, mostShown(answers.length));
  return html`<section id="lost-frames">
<h2>Right early, wrong at the last exit</h2>
<p>${lost.length} of ${frames.labels.length} frames (${percent(evaluation.lostByRefining)})${shown.length < lost.length ? `; the ${shown.length} most sure of themselves` : ''}.</p>
${await gallery(input, shown, last, (frame) => `right at exit ${rightAt(frame) + 1}`)}
</section>`;
}

function mostShown(exits: number): number {
  return Math.min(MOST_OF_AN_EXIT, Math.floor(MOST_IN_ALL / (exits + 1)));
}

function mostSureFirst(exit: ExitAnswers, wanted: (frame: number) => boolean, count: number): number[] {
  const confidence = (frame: number) => exit.confidences[frame] as number;
  return Array.from({ length: count }, (_, frame) => frame)
    .filter(wanted)
    .sort((a, b) => confidence(b) - confidence(a) || a - b);
}

/** `more`: a further line under a frame. */
async function gallery(
  { model, frames }: ReportInput,
  shown: readonly number[],
  exit: ExitAnswers,
  more: (frame: number) => string | null = () => null,
): Promise<Html> {
  if (shown.length === 0) return html`<p class="note">None.</p>`;
  const nameOf = (label: number | undefined) => model.classes[label ?? -1] ?? '?';
  const items: Html[] = [];
  for (const frame of shown) {
    const right = nameOf(frames.labels[frame]);
    const said = nameOf(exit.classes[frame]);
    const note = more(frame);
    items.push(html`<li><img src="${await thumbnail(frames, frame)}" width="64" alt="frame ${frame}: ${right}"><b>${right}</b><span>said ${said}</span><span>${percent(exit.confidences[frame] as number)}</span>${note === null ? null : html`<span>${note}</span>`}</li>
`);
  }
  return html`<ul class="frames">
${items}</ul>`;
}
