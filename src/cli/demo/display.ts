// The demo's text: a line a second, some frames getting better, and the summary at the end.
import Table from 'cli-table3';
import { plainText } from '../../core/plain-text.ts';
import type { RunDocument } from '../../evaluation/run-document.ts';
import type { ScoredFrame } from '../../evaluation/run-score.ts';
import { counted } from '../counted.ts';
import type { Output } from '../output.ts';
import type { DemoDisplay, DemoDocument } from './run-demo.ts';
import type { SecondRow } from './second.ts';

/** `isScored`: some frames have a label to score them by; else no accuracy is shown. */
export function demoDisplay({ say, colours }: Output, deadlineMs: number | null, isScored: boolean): DemoDisplay {
  return {
    ready(engine, { fullDepth, firstStage }) {
      say(
        `Engine: ${engine}. It can take about ${fullDepth.toFixed(0)} frames/s through every stage, ${firstStage.toFixed(0)} through stage 1 alone.`,
      );
    },
    phase(name, rate) {
      const what = {
        calm: 'fits',
        burst:
          'begins the burst: the rate rises until frames get shallower or first answers wait, and falls when they come late',
        'calm again': 'fits again',
        fixed: 'was asked for',
      }[name];
      const deadline = deadlineMs === null ? 'no deadline' : `deadline ${deadlineMs} ms`;
      say(colours.bold(`\n${rate.toFixed(0)} frames/s, which ${what} (${deadline})`));
      say(colours.dim(secondHead(isScored)));
    },
    second(row, example) {
      say(secondLine(row, isScored));
      if (example !== null) say(colours.dim(`      ${story(example, colours.green('✓'), colours.red('✗'))}`));
    },
  };
}

export function secondHead(isScored: boolean): string {
  const right: Cell[] = isScored
    ? [
        ['right: first', 14],
        ['final', 7],
      ]
    : [];
  return aligned([
    ['s', 4],
    ['frames/s', 10],
    ['first answer p50', 18],
    ['p99 ms', 9],
    ['mean depth', 12],
    ...right,
    ['expired', 9],
  ]);
}

/** One second as a line under its head. */
export function secondLine(row: SecondRow, isScored: boolean): string {
  const right: Cell[] = isScored
    ? [
        [share(row.firstRight), 14],
        [share(row.finalRight), 7],
      ]
    : [];
  return aligned([
    [String(row.second), 4],
    [String(row.due), 10],
    [whole(row.firstP50Ms), 18],
    [whole(row.firstP99Ms), 9],
    [row.meanDepth === null ? '–' : row.meanDepth.toFixed(2), 12],
    ...right,
    [String(row.expired), 9],
  ]);
}

type Cell = readonly [text: string, width: number];
const aligned = (cells: readonly Cell[]) => cells.map(([text, width]) => text.padStart(width)).join('');

/** "frame a/7.webp: N 0.41 → M 0.67 → M 0.98 ✓" */
export function story({ id, label, answers }: ScoredFrame, right: string, wrong: string): string {
  const inOrder = [...answers].sort(([a], [b]) => a - b).map(([, answer]) => answer);
  const steps = inOrder.map((answer) => `${plainText(answer.label)} ${answer.confidence.toFixed(2)}`).join(' → ');
  const mark = label === null ? '' : ` ${inOrder.at(-1)?.label === label ? right : `${wrong} (${plainText(label)})`}`;
  return `frame ${plainText(id)}: ${steps}${mark}`;
}

/** With less time than this who runs the demo has asked for more than its burst is made for, ms. */
const USUAL_DEADLINE_MS = 1000;

/** Where the rate was chosen here, others may be the reason; else it is what was asked for. */
function whyExpired({ phases }: DemoDocument, deadlineMs: number | null): string {
  const isAskedFor =
    phases.some(({ name }) => name === 'fixed') || (deadlineMs !== null && deadlineMs < USUAL_DEADLINE_MS);
  const why = isAskedFor
    ? 'These are more frames, or a shorter deadline, than this machine can answer.'
    : `The burst was chosen by what this machine could do when it was
measured: something else may have used its processors since, or its clock rate may have fallen.`;
  return `Frames expire where not even their first stage can be run in time. ${why} None of them is lost: each was told so.`;
}

/** The table at the end; without accuracy where no frame has a label. */
export function demoSummary(document: DemoDocument, deadlineMs: number | null): string {
  const tables = [countsTable(document), phasesTable(document), exitsTable(document)];
  return [...tables, ...(document.expired > 0 ? [whyExpired(document, deadlineMs)] : [])].join('\n');
}

function countsTable(d: RunDocument & { busyShare: number | null }): string {
  const table = plainTable();
  table.push(
    ['model, engine', `${d.model ?? '–'}, ${d.engine ?? '–'}`],
    [
      'frames',
      `${d.frames}: ${d.coarse} with a first answer, ${d.final} ended, ${d.expired} expired, ${d.deadLettered} dead letters, ${d.lost} lost`,
    ],
    ...(isScored(d) ? [['right', rightText(d)]] : []),
    ['first answer after', `p50 ${whole(d.firstResultMs.p50)} ms, p99 ${whole(d.firstResultMs.p99)} ms`],
    ['final answer after', `p50 ${whole(d.finalMs.p50)} ms, p99 ${whole(d.finalMs.p99)} ms`],
    ['depth', `mean stage ${d.meanDepth?.toFixed(2) ?? '–'}, mean compute ${d.meanPasses?.toFixed(2) ?? '–'} passes`],
    [
      'why frames ended',
      Object.entries(d.exits)
        .filter(([, count]) => count > 0)
        .map(([why, count]) => `${why} ${percent(count / d.final)}`)
        .join(', '),
    ],
    ['engine busy', `${percent(d.busyShare)} of the time in which frames waited`],
  );
  return table.toString();
}

const isScored = ({ accuracy }: RunDocument) => accuracy.answered + accuracy.unanswered > 0;

function rightText({ accuracy: { first, final, answered } }: RunDocument): string {
  return `first answer ${percent(first)}, final answer ${percent(final)} (of ${counted(answered, 'labelled frame')})`;
}

function phasesTable(document: DemoDocument): string {
  const table = plainTable();
  const whereScored = (...cells: readonly string[]) => (isScored(document) ? cells : []);
  const right = whereScored('right: first', 'final');
  table.push(['', 'frames/s', 'first answer p50, p99', 'mean depth', ...right, 'expired']);
  for (const { name, rate, ...row } of document.phases) {
    const first = `${whole(row.firstP50Ms)} ms, ${whole(row.firstP99Ms)} ms`;
    const depth = row.meanDepth?.toFixed(2) ?? '–';
    table.push([
      name,
      String(rate),
      first,
      depth,
      ...whereScored(percent(row.firstRight), percent(row.finalRight)),
      String(row.expired),
    ]);
  }
  return table.toString();
}

function exitsTable(d: RunDocument): string {
  const table = plainTable();
  const ended = d.endedAtStage.reduce((sum, count) => sum + count, 0);
  const whereScored = (cell: string) => (isScored(d) ? [cell] : []);
  table.push(['exit', 'frames that ended there', ...whereScored('right, of all frames that came so far')]);
  for (const { stage, frames, accuracy } of d.accuracy.byStage) {
    table.push([
      String(stage),
      percent((d.endedAtStage[stage - 1] ?? 0) / Math.max(1, ended)),
      ...whereScored(`${percent(accuracy)} of ${frames}`),
    ]);
  }
  return table.toString();
}

function plainTable() {
  const noLines = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };
  return new Table({ chars: noLines, style: { head: [], border: [] } });
}

const whole = (value: number | null) => (value === null ? '–' : value.toFixed(0));
const share = (value: number | null) => (value === null ? '–' : value.toFixed(3));
const percent = (value: number | null) => (value === null ? '–' : `${(100 * value).toFixed(1)} %`);
