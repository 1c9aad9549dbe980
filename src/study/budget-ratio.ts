// How much more budget a sequence of networks needs than OPT to be as good: the ratio C, measured, beside what theory allows. Pure.
import { AnytimeError } from '../errors.ts';

/** An answer that is there once `cost` is spent; cost in any unit, error a share 0…1. */
export interface CostPoint {
  readonly cost: number;
  readonly error: number;
}

export interface BudgetRatio {
  /** Supremum of C over the budgets. */
  readonly worst: number;
  /** Mean of C for budgets uniform between `from` and `to`. */
  readonly mean: number;
  readonly from: number;
  readonly to: number;
}

/**
 * C(B) = the smallest ratio, at least 1, such that the sequence after budget B is as good as OPT after B/C. Both are step functions of the
 * budget; an answer counts from its cost on. OPT known at few costs makes C too small, never too large. The sequence reports `points` as they
 * are: give it the best valid answer so far, ascending in cost. Budgets from its first answer to its last unless said.
 * Errors: bad-argument when a curve is empty or the range is.
 */
export function budgetRatio(
  points: readonly CostPoint[],
  opt: readonly CostPoint[],
  { from: least = 0, to = points.at(-1)?.cost ?? 0 }: { readonly from?: number; readonly to?: number } = {},
): BudgetRatio {
  const from = Math.max(points[0]?.cost ?? Number.POSITIVE_INFINITY, least);
  if (opt.length === 0 || !(to > from)) {
    throw new AnytimeError(
      'bad-argument',
      `Expected answers of the sequence and of OPT, and budgets beyond ${from}, got ${opt.length} of OPT and budgets to ${to}`,
    );
  }
  let worst = 1;
  let area = 0;
  points.forEach(({ cost, error }, i) => {
    const [begin, end] = [Math.max(cost, from), Math.min(points[i + 1]?.cost ?? to, to)];
    if (end <= begin) return;
    // OPT is no better than this answer up to here; C(B) = max(1, B / reach) until the next answer.
    const reach = Math.min(...opt.filter((point) => point.error < error).map((point) => point.cost), end);
    const level = Math.max(begin, reach);
    worst = Math.max(worst, end / reach);
    area += level - begin + (end ** 2 - level ** 2) / (2 * reach);
  });
  return { worst, mean: area / (to - from), from, to };
}

/**
 * What theory promises for costs 1, b, b² …: sup C = 2 + 1/(b−1), and E[C] ≤ 1 − 1/(2b) + (1 + ln b)/(b−1) for uniform budgets.
 * Source: arXiv 1708.06832. Errors: bad-argument for b ≤ 1.
 */
export function promisedRatio(b: number): { readonly worst: number; readonly mean: number } {
  if (!(b > 1)) throw new AnytimeError('bad-argument', `Expected the growth \`b\` to be a number above 1, got ${b}`);
  return { worst: 2 + 1 / (b - 1), mean: 1 - 1 / (2 * b) + (1 + Math.log(b)) / (b - 1) };
}
