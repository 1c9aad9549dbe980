// The learning curves of a training as one SVG: accuracy of each exit on held-out frames over the epochs, and below it the losses.
import { renameSync, writeFileSync } from 'node:fs';
import { lineChart } from '../../charts/line-chart.ts';
import type { EpochRecord } from '../../training/progress.ts';

const [WIDTH, HEIGHT] = [720, 440];

/** Write or rewrite the file, atomically. */
export function writeCurves(path: string, name: string, history: readonly EpochRecord[]): void {
  writeFileSync(`${path}.unfinished`, learningCurves(name, history));
  renameSync(`${path}.unfinished`, path);
}

/** One `<svg>` element. `history`: at least one epoch, in order. */
export function learningCurves(name: string, history: readonly EpochRecord[]): string {
  const perExit = (what: string, value: (record: EpochRecord, exit: number) => number) =>
    (history[0]?.exits ?? []).map((_, exit) => ({
      name: `exit ${exit + 1}${what}`,
      points: history.map((record) => [record.epoch, value(record, exit)] as const),
    }));
  const x = { name: 'epoch', min: 0, max: history.at(-1)?.epoch ?? 1 };
  const size = { width: WIDTH, height: HEIGHT };
  const accuracy = lineChart({
    ...size,
    title: `${name}: accuracy on held-out frames`,
    x,
    y: { name: 'accuracy, %' },
    lines: perExit('', ({ exits }, exit) => 100 * (exits[exit]?.accuracy ?? 0)),
  });
  const loss = lineChart({
    ...size,
    title: `${name}: loss on held-out frames, dashed in training`,
    x,
    y: { name: 'loss, nats' },
    lines: [
      ...perExit('', ({ exits }, exit) => exits[exit]?.loss ?? 0),
      ...perExit(', training', ({ trainLosses }, exit) => trainLosses[exit] ?? 0).map((line) => ({
        ...line,
        isReference: true,
      })),
    ],
  });
  const below = `<g transform="translate(0 ${HEIGHT})">${loss}</g>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${2 * HEIGHT}" viewBox="0 0 ${WIDTH} ${2 * HEIGHT}">${accuracy}${below}</svg>\n`;
}
