// Buckets of a reliability diagram: every answer is in one, and their figures are means over it.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { reliabilityBuckets } from '../../../../src/evaluation/report/reliability.ts';

it('puts answers into equal buckets; an edge belongs to the bucket above, 1 to the last', () => {
  const exit = { classes: Uint16Array.of(0, 0, 1, 1), confidences: Float32Array.of(0.5, 0.75, 0.7, 1) };
  const buckets = reliabilityBuckets(exit, [0, 1, 1, 1], 4);
  expect(buckets.map(({ frames }) => frames)).toEqual([0, 0, 2, 2]);
  expect(buckets.map(({ accuracy }) => accuracy)).toEqual([null, null, 1, 0.5]);
  expect(buckets[2]?.meanConfidence).toBeCloseTo(0.6);
  expect(buckets[3]?.meanConfidence).toBeCloseTo(0.875);
});

it('loses no frame and no right answer', () => {
  const answer = fc.record({ confidence: fc.float({ min: 0, max: 1, noNaN: true }), isRight: fc.boolean() });
  fc.assert(
    fc.property(fc.array(answer), fc.integer({ min: 1, max: 20 }), (answers, count) => {
      const exit = {
        classes: Uint16Array.from(answers, ({ isRight }) => (isRight ? 1 : 0)),
        confidences: Float32Array.from(answers, ({ confidence }) => confidence),
      };
      const labels = answers.map(() => 1);
      const buckets = reliabilityBuckets(exit, labels, count);
      expect(buckets.reduce((sum, { frames }) => sum + frames, 0)).toBe(answers.length);
      const right = buckets.reduce((sum, { frames, accuracy }) => sum + frames * (accuracy ?? 0), 0);
      expect(right).toBeCloseTo(answers.filter(({ isRight }) => isRight).length);
    }),
  );
});
