// The error of one network of all depths, trained by the weighting that won, where OPT was trained too: at the quarters of its cost. Pure.
import type { CostPoint } from './budget-ratio.ts';
import { spreadOf } from './relative-increase.ts';
import type { StudyDocument } from './study-document.ts';

/** Mean test error over seeds; empty while the winner is not known, or where exits are so few that quarters share one. */
export function oneNetwork({
  opt,
  weightings,
  winner,
}: Pick<StudyDocument, 'opt' | 'weightings' | 'winner'>): CostPoint[] {
  const own = weightings.find(
    ({ weights, oscillate }) => weights === winner?.weights && oscillate === winner.oscillate,
  );
  if (own === undefined || own.increase.length !== opt.length) return [];
  return own.increase.flatMap((increase, i) => {
    const { macs, spread } = opt[i] as (typeof opt)[number];
    if (increase === null || increase.values.length !== spread.values.length) return [];
    const errors = increase.values.map((more, seed) => (1 - (spread.values[seed] as number)) * (1 + more));
    const error = spreadOf(errors)?.mean;
    return error === undefined ? [] : [{ cost: macs, error }];
  });
}
