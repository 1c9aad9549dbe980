// The study's figures as SVG text, from its document. Pure.
import { lineChart } from '../charts/line-chart.ts';
import type { CostPoint } from './budget-ratio.ts';
import { oneNetwork } from './one-network.ts';
import type { StudyDocument } from './study-document.ts';

const QUARTERS = [0.25, 0.5, 0.75, 1];

/** File name → SVG; a figure whose runs are all missing is left out. */
export function studyFigures(study: StudyDocument): ReadonlyMap<string, string> {
  const figures = new Map<string, string>();
  const percent = (share: number) => 100 * share;
  const weightings = study.weightings.filter(({ increase }) => increase.some((spread) => spread !== null));
  if (weightings.length > 0) {
    const lines = weightings.map(({ weights, oscillate, increase }) => ({
      name: `${weights}${oscillate ? ', oscillating' : ''}`,
      points: increase.flatMap((spread, i) =>
        spread === null ? [] : [[QUARTERS[i] as number, percent(spread.mean)] as const],
      ),
    }));
    const [x, y] = [{ name: 'cost, passes' }, { name: 'more errors than OPT, %' }];
    figures.set('increase-over-opt.svg', lineChart({ title: 'Error over OPT', x, y, lines }));
  }
  const effects = study.oscillation.filter(({ exits }) => exits.length > 0);
  if (effects.length > 0) {
    const lines = effects.map(({ weights, exits }) => ({
      name: weights,
      points: exits.map(({ mean }, i) => [i + 1, percent(mean)] as const),
      spread: exits.map(({ deviation }) => percent(deviation ?? 0)),
    }));
    const [x, y] = [{ name: 'exit' }, { name: 'accuracy gained, points' }];
    figures.set('oscillation.svg', lineChart({ title: 'What oscillation adds', x, y, lines }));
  }
  const sequences = study.sequences.filter(({ points }) => points.length > 0);
  if (sequences.length > 0) {
    const opt = study.opt.map(({ macs, accuracy }) => [macs / 1e6, percent(1 - accuracy)] as const);
    const curve = (points: readonly CostPoint[]) =>
      points.map(({ cost, error }) => [cost / 1e6, percent(error)] as const);
    const network = curve(oneNetwork(study));
    const lines = [
      ...sequences.map(({ form, points }) => ({
        name: `sequence, ${form}`,
        points: curve(points),
      })),
      ...(network.length > 0 ? [{ name: `one network, ${study.winner?.weights}`, points: network }] : []),
      { name: 'OPT', points: opt, isReference: true },
    ];
    const [x, y] = [{ name: 'budget, MMAC' }, { name: 'error, %' }];
    figures.set('sequences.svg', lineChart({ title: 'Sequences of networks', x, y, lines }));
  }
  const [first] = study.earlyExit;
  if (first !== undefined) {
    const [x, y] = [{ name: 'mean cost, passes' }, { name: 'accuracy, %' }];
    const lines = study.earlyExit.map(({ id, points }) => ({ name: id, points: outcomes(points) }));
    figures.set('early-exit.svg', lineChart({ title: 'Early exit by confidence', x, y, lines }));
    const kinds = [
      { name: 'one threshold', points: outcomes(first.points) },
      { name: 'one threshold per exit', points: outcomes(first.points.map(({ perExit }) => perExit)) },
    ];
    figures.set('early-exit-thresholds.svg', lineChart({ title: `Early exit of ${first.id}`, x, y, lines: kinds }));
  }
  return figures;
}

/** [passes, accuracy in %] */
function outcomes(points: readonly { readonly meanPasses: number; readonly testAccuracy: number }[]) {
  return points.map(({ meanPasses, testAccuracy }) => [meanPasses, 100 * testAccuracy] as const);
}
