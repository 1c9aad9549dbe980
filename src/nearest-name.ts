// The name that somebody may have meant: the same but for its case and dashes, else the one that takes the fewest typing errors.

/** Typing errors beyond which it is no slip any more, and their share of the name's letters. */
const MOST_ERRORS = 3;
const MOST_SHARE = 0.4;

/** Null when none is near. */
export function nearestName(given: string, names: readonly string[]): string | null {
  const wanted = plain(given);
  let best: string | null = null;
  let fewest = Math.min(MOST_ERRORS, Math.floor(MOST_SHARE * wanted.length)) + 1;
  for (const name of names) {
    const errors = typingErrors(wanted, plain(name), fewest);
    if (errors < fewest) [best, fewest] = [name, errors];
  }
  return best;
}

/** "kafka-brokers", "KAFKA_BROKERS" and "kafkaBrokers" are one name. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[-_. ]/g, '');
}

/**
 * Letters left out, put in, changed or swapped with their neighbour (optimal string alignment distance, Damerau 1964);
 * `enough` when the lengths alone differ by as much.
 */
function typingErrors(a: string, b: string, enough: number): number {
  if (Math.abs(a.length - b.length) >= enough) return enough;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = at(above, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(changed, swapped, at(above, j) + 1, at(row, j - 1) + 1));
    }
    before = above;
    above = row;
  }
  return at(above, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] as number;
}
