// The temperature that was applied is found again; a calibrated exit is left as it is, and few frames change little.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../../../src/training/random.ts';
import { crossEntropy, fitTemperature } from '../../../src/training/temperature.ts';

const CLASSES = 4;

/** Scores of made-up logits, and labels drawn from the scores themselves: calibrated by construction. */
function calibrated(count: number, seed: number) {
  const source = random(seed);
  const scores = new Float32Array(count * CLASSES);
  const labels: number[] = [];
  for (let i = 0; i < count; i++) {
    const powers = Array.from({ length: CLASSES }, () => Math.exp(1.5 * source.normal()));
    const total = powers.reduce((sum, power) => sum + power, 0);
    powers.forEach((power, c) => {
      scores[i * CLASSES + c] = power / total;
    });
    let left = source.next() * total;
    const drawn = powers.findIndex((power) => {
      left -= power;
      return left < 0;
    });
    labels.push(drawn === -1 ? CLASSES - 1 : drawn);
  }
  return { scores, labels };
}

/** softmax(log p · factor) */
function sharpened(scores: Float32Array, factor: number): Float32Array {
  return scores.map((_, i) => {
    const row = scores.subarray(i - (i % CLASSES), i - (i % CLASSES) + CLASSES);
    const total = row.reduce((sum, score) => sum + score ** factor, 0);
    return (scores[i] as number) ** factor / total;
  });
}

describe('fitTemperature', () => {
  it('is 1 for an exit whose confidence is as good as its word', () => {
    const { scores, labels } = calibrated(5000, 1);
    expect(Math.abs(fitTemperature(scores, labels) - 1)).toBeLessThan(0.06);
  });

  it.each([0.5, 2, 4])('undoes logits multiplied by %d', (factor) => {
    const { scores, labels } = calibrated(5000, 2);
    const temperature = fitTemperature(sharpened(scores, factor), labels);
    expect(Math.abs(temperature / factor - 1)).toBeLessThan(0.06);
  });

  it('makes an exit no surer than few frames can tell: all of 50 right is no reason to be sure of all', () => {
    const scores = Float32Array.from({ length: 50 * CLASSES }, (_, i) => (i % CLASSES === 0 ? 0.94 : 0.02));
    const temperature = fitTemperature(scores, new Array<number>(50).fill(0));
    expect(temperature).toBeGreaterThan(0.5);
    expect(temperature).toBeLessThan(0.8);
  });

  it('is never worse than leaving the scores as they are', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.3, max: 3, noNaN: true }), (seed, factor) => {
        const { scores, labels } = calibrated(40, seed);
        const given = sharpened(scores, factor);
        const found = crossEntropy(given, labels, fitTemperature(given, labels));
        expect(found).toBeLessThanOrEqual(crossEntropy(given, labels, 1) + 1e-6);
      }),
      { numRuns: 30 },
    );
  });
});
