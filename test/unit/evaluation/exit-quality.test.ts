// Accuracy, buckets, calibration and separation of one exit, on answers worked out by hand.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExitAnswers } from '../../../src/evaluation/exit-answers.ts';
import { calibrationError, exitQuality, separation } from '../../../src/evaluation/exit-quality.ts';

/** Answers of class 1 with these confidences; the label is 1 where it is right, else 0. */
function exit(given: readonly (readonly [confidence: number, isRight: boolean])[]): [ExitAnswers, number[]] {
  const confidences = Float32Array.from(given, ([confidence]) => confidence);
  return [
    { classes: new Uint16Array(given.length).fill(1), confidences },
    given.map(([, isRight]) => (isRight ? 1 : 0)),
  ];
}

describe('exitQuality', () => {
  it('counts each answer in the first bucket whose edge it does not pass', () => {
    const [answers, labels] = exit([
      [0.25, false],
      [0.5, true],
      [0.75, true],
      [1, true],
    ]);
    expect(exitQuality(answers, labels, [0.5, 0.7, 1])).toEqual({
      accuracy: 0.75,
      meanConfidence: 0.625,
      buckets: [
        { frames: 2, right: 1 },
        { frames: 0, right: 0 },
        { frames: 2, right: 2 },
      ],
    });
  });

  it('puts every frame in one bucket', () => {
    const answer = fc.tuple(fc.float({ min: 0, max: 1, noNaN: true }), fc.boolean());
    fc.assert(
      fc.property(fc.array(answer, { minLength: 1 }), (given) => {
        const { buckets, accuracy } = exitQuality(...exit(given));
        expect(buckets.reduce((sum, { frames }) => sum + frames, 0)).toBe(given.length);
        expect(buckets.reduce((sum, { right }) => sum + right, 0) / given.length).toBeCloseTo(accuracy, 9);
      }),
    );
  });
});

it.each([exitQuality, calibrationError])('refuses a confidence that is no number: %o', (of) => {
  const message = 'Expected a confidence from 0 to 1 for frame 1, got NaN';
  expect(() =>
    of(
      ...exit([
        [0.5, true],
        [Number.NaN, true],
      ]),
    ),
  ).toThrow(message);
});

describe('calibrationError', () => {
  it('is 0 where confidence is the share of right answers, and their distance where it is not', () => {
    expect(
      calibrationError(
        ...exit([
          [0.5, true],
          [0.5, false],
        ]),
      ),
    ).toBeCloseTo(0, 6);
    expect(
      calibrationError(
        ...exit([
          [0.75, false],
          [0.75, false],
        ]),
      ),
    ).toBeCloseTo(0.75, 6);
  });
});

describe('separation', () => {
  it('is 1 when right answers are always more confident, 0 when never, 0.5 when confidence says nothing', () => {
    expect(
      separation(
        ...exit([
          [0.9, true],
          [0.8, true],
          [0.4, false],
        ]),
      ),
    ).toBe(1);
    expect(
      separation(
        ...exit([
          [0.9, false],
          [0.4, true],
        ]),
      ),
    ).toBe(0);
    expect(
      separation(
        ...exit([
          [0.5, false],
          [0.5, true],
        ]),
      ),
    ).toBe(0.5);
  });

  it('says nothing when all answers are right or all wrong', () => {
    expect(
      separation(
        ...exit([
          [0.9, true],
          [0.8, true],
        ]),
      ),
    ).toBeNull();
  });
});
