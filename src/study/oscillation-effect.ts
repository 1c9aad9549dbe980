// What oscillation adds at each exit: the same seed trained with and without it, and how the differences vary over seeds. Pure.
import { AnytimeError } from '../errors.ts';
import { type Spread, spreadOf } from './relative-increase.ts';

/** Of one trained network, accuracies of its exits in order, 0…1. */
export interface SeedAccuracies {
  readonly seed: number;
  readonly accuracies: readonly number[];
}

/**
 * For each exit the accuracy with oscillation minus that without, seed by seed; seeds that only one side has are left out. Empty when no
 * seed has both. Errors: bad-argument when two runs of a seed have different numbers of exits.
 */
export function oscillationEffect(without: readonly SeedAccuracies[], oscillated: readonly SeedAccuracies[]): Spread[] {
  const pairs = without.flatMap((plain) => {
    const pair = oscillated.find(({ seed }) => seed === plain.seed);
    if (pair !== undefined && pair.accuracies.length !== plain.accuracies.length) {
      throw new AnytimeError(
        'bad-argument',
        `Expected ${plain.accuracies.length} exits with oscillation for seed ${plain.seed}, got ${pair.accuracies.length}`,
      );
    }
    return pair === undefined ? [] : [plain.accuracies.map((value, exit) => (pair.accuracies[exit] ?? 0) - value)];
  });
  const exits = pairs[0]?.length ?? 0;
  return Array.from({ length: exits }, (_, exit) => spreadOf(pairs.map((pair) => pair[exit] as number)) as Spread);
}
