// Growth is told from noise: known lines are found again, noise alone is flat, small and shrinking is flat.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFlat, type Point, type Trend, trendOf } from '../../../../src/cli/soak/trend.ts';
import { random } from '../../../../src/training/random.ts';

const HOUR = 3_600_000;
/** An hour of samples, five seconds apart. */
const hourOf = (value: (hours: number, n: number) => number): Point[] =>
  Array.from({ length: 720 }, (_, n) => ({ at: 1_700_000_000_000 + n * 5000, value: value((n * 5000) / HOUR, n) }));

describe('trendOf', () => {
  it('finds the slope and the mean of any line', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e3, max: 1e3, noNaN: true }),
        fc.double({ min: -1e3, max: 1e3, noNaN: true }),
        (slope, start) => {
          const trend = trendOf(hourOf((hours) => start + slope * hours)) as Trend;
          expect(trend.slopePerHour).toBeCloseTo(slope, 3);
          expect(trend.standardError).toBeCloseTo(0, 3);
          expect(trend.mean).toBeCloseTo(start + (slope * 719 * 5000) / HOUR / 2, 3);
        },
      ),
    );
  });

  it('has a standard error that covers the truth about as often as it should, waves or not', () => {
    let covered = 0;
    for (let seed = 0; seed < 200; seed++) {
      const noise = random(seed, 'noise');
      let wave = 0; // a value that remembers the last one for some samples
      const trend = trendOf(
        hourOf((hours) => {
          wave = 0.8 * wave + noise.next() - 0.5;
          return 10 * hours + wave;
        }),
      ) as Trend;
      if (Math.abs(trend.slopePerHour - 10) <= 2.1 * (trend.standardError ?? 0)) covered += 1;
    }
    expect(covered / 200).toBeGreaterThan(0.88);
    expect(covered / 200).toBeLessThan(1);
  });

  it('is null where there is no time between samples', () => {
    expect(trendOf([])).toBeNull();
    expect(trendOf([{ at: 5, value: 1 }])).toBeNull();
    expect(trendOf([5, 5].map((at) => ({ at, value: at })))).toBeNull();
  });
});

describe('isFlat', () => {
  const flat = (points: readonly Point[], leastGrowth: number) => isFlat(trendOf(points) as Trend, 1, leastGrowth);

  it('noise around a level is flat, a leak of 20 MB an hour under the same noise is not', () => {
    const noise = random(7, 'noise');
    const level = hourOf(() => 200 + 10 * noise.next());
    expect(flat(level, 2)).toBe(true);
    expect(
      flat(
        level.map(({ at, value }, n) => ({ at, value: value + (20 * n) / 720 })),
        2,
      ),
    ).toBe(false);
  });

  it('what shrinks is flat, and so is what grows by less than anybody would notice', () => {
    expect(
      flat(
        hourOf((hours) => 200 - 50 * hours),
        2,
      ),
    ).toBe(true);
    expect(
      flat(
        hourOf((hours) => 200 + 1.5 * hours),
        2,
      ),
    ).toBe(true);
    expect(
      flat(
        hourOf((hours) => 200 + 2.5 * hours),
        2,
      ),
    ).toBe(false);
  });
});
