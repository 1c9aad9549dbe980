// The scores before a temperature come back from those after it, and what it did is measured on the frames at hand.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrationError, separation } from '../../../src/evaluation/exit-quality.ts';
import { collectTemperatures, withoutTemperature } from '../../../src/evaluation/temperature-effect.ts';
import { randomNumbers } from '../../helpers/random-bundle.ts';

function softmax(logits: readonly number[], temperature = 1): Float32Array {
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp((logit - most) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return Float32Array.from(powers, (power) => power / sum);
}

describe('withoutTemperature', () => {
  it('undoes the division of the logits', () => {
    const logits = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(logits, fc.double({ min: 0.5, max: 4, noNaN: true }), (own, temperature) => {
        const back = withoutTemperature(softmax(own, temperature), temperature);
        const before = softmax(own);
        before.forEach((score, c) => {
          expect(Math.abs((back[c] as number) - score)).toBeLessThan(1e-5);
        });
      }),
    );
  });

  it('takes scores that have underflowed, and many classes', () => {
    expect([...withoutTemperature(Float32Array.of(1, 0, 0), 3)]).toEqual([1, 0, 0]);
    const even = withoutTemperature(new Float32Array(10_000).fill(1e-4), 10);
    expect(even[0]).toBeCloseTo(1e-4, 9);
  });
});

describe('collectTemperatures', () => {
  it('measures each exit before and after, from the same answers', () => {
    // Boastful logits, three times too large: right as often as softmax(logits / 3) says.
    const random = randomNumbers(5);
    const [frames, temperature] = [4000, 3];
    const { note, effects } = collectTemperatures([temperature, undefined], frames);
    const labels = new Uint16Array(frames);
    const own = { classes: new Uint16Array(frames), confidences: new Float32Array(frames) };
    for (let frame = 0; frame < frames; frame++) {
      const logits = [6 * random(), 0];
      const honest = softmax(logits, temperature);
      labels[frame] = random() < (honest[0] as number) ? 0 : 1;
      note(frame, 1, honest);
      note(frame, 2, honest);
      own.confidences[frame] = Math.max(...softmax(logits));
    }
    const [first, second] = effects(labels);
    expect(second).toBeNull();
    expect(first?.temperature).toBe(3);
    expect(first?.after.error).toBeLessThan(0.03);
    expect(first?.before.error).toBeGreaterThan(0.15);
    expect(first?.before.error).toBeCloseTo(calibrationError(own, labels), 4);
    // One temperature for all frames of two classes keeps their order.
    expect(first?.before.separation).toBeCloseTo(first?.after.separation as number, 3);
    expect(first?.before.separation).toBeCloseTo(separation(own, labels) as number, 3);
  });
});
