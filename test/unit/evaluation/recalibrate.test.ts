// A bundle calibrated anew: the rule changes only with enough frames, a promise keeps its own frames, and the tables are those of the answers.
import { describe, expect, it } from 'vitest';
import { LATEST } from '../../../src/core/answer-rule.ts';
import { answersByPolicy } from '../../../src/evaluation/answer-rules.ts';
import { halves } from '../../../src/evaluation/choose-answer.ts';
import type { ExitAnswers } from '../../../src/evaluation/exit-answers.ts';
import { accuracyOf, calibrationError } from '../../../src/evaluation/exit-quality.ts';
import { ofFrames, qualityOf, rechooseAnswer } from '../../../src/evaluation/recalibrate.ts';
import { madeUpScores } from '../../helpers/made-up-scores.ts';

describe('rechooseAnswer', () => {
  const { scores, labels } = madeUpScores({ frames: 1200, sharpness: [1.2, 1, 1], seed: 1 });

  it('takes a better rule; all frames choose the threshold too where nothing is promised', () => {
    const { answer, isNew, forThreshold } = rechooseAnswer(LATEST, scores, labels, null);
    expect([answer.rule, isNew, forThreshold.length]).toEqual(['product', true, 1200]);
    expect(rechooseAnswer(answer, scores, labels, null).isNew).toBe(false);
  });

  it('leaves half of the frames untouched for a promise', () => {
    const { answer, forThreshold } = rechooseAnswer(LATEST, scores, labels, 299);
    expect(forThreshold).toEqual(halves(labels)[1]);
    // What those frames hold changes nothing in the choice.
    const spoilt = scores.map((exit) => {
      const copy = exit.slice();
      for (const frame of forThreshold) copy.set([1, 0, 0], 3 * frame);
      return copy;
    });
    expect(rechooseAnswer(LATEST, spoilt, labels, 299).answer).toEqual(answer);
  });

  it('keeps the rule where half of the frames could promise nothing: all are left to the threshold', () => {
    const few = madeUpScores({ frames: 500, sharpness: [1.2, 1, 1], seed: 1 });
    const rest = (apart: number | null) => rechooseAnswer(LATEST, few.scores, few.labels, apart);
    expect(rest(299)).toMatchObject({ answer: LATEST, isNew: false, choice: null });
    expect(rest(299).forThreshold).toHaveLength(500);
    expect(rest(240).forThreshold.length).toBeLessThan(300);
  });

  it('keeps the rule of the bundle where frames are few', () => {
    const few = madeUpScores({ frames: 150, sharpness: [1, 1], seed: 2 });
    const present = { rule: 'most-confident' } as const;
    const { answer, choice, forThreshold } = rechooseAnswer(present, few.scores, few.labels, null);
    expect([answer, choice, forThreshold.length]).toEqual([present, null, 150]);
  });
});

it('counts the tables on the answers by the rule, the next exit’s included', () => {
  const { scores, labels } = madeUpScores({ frames: 300, sharpness: [0.8, 0.8], seed: 3 });
  const answers = answersByPolicy({ rule: 'product' }, scores, 300);
  const before = { error: 0.5, separation: null };
  const known = { accuracy: 0, meanConfidence: 0, buckets: [], calibration: { temperature: 2, before, after: before } };
  const { calibration: _, ...unknown } = known;
  const present = { measuredOn: 'others', bucketEdges: [1], exits: [unknown, known] };
  const { exits, measuredOn } = qualityOf(present, scores, answers, labels, 'these');
  expect(measuredOn).toBe('these');
  expect(exits.map(({ accuracy }) => accuracy)).toEqual(answers.map((exit) => accuracyOf(exit, labels)));
  const rightNext = exits[0]?.buckets.reduce((sum, bucket) => sum + (bucket.rightNext ?? 0), 0) ?? 0;
  expect(exits[0]).not.toHaveProperty('calibration');
  const trust = (exit: ExitAnswers | undefined) => exit && calibrationError(exit, labels);
  const [, own] = answersByPolicy(LATEST, scores, 300);
  expect(exits[1]?.calibration?.temperature).toBe(2);
  expect(exits[1]?.calibration?.after.error).toBe(trust(own));
  expect(exits[1]?.calibration?.served?.error).toBe(trust(answers[1]));
  expect(exits[1]?.calibration?.before.error).not.toBe(0.5);
  expect(rightNext / 300).toBe(exits[1]?.accuracy);
});

it('ofFrames: answers and labels of the same frames, in their order', () => {
  const exit = { classes: Uint16Array.of(0, 1, 2), confidences: Float32Array.of(0.25, 0.5, 0.75) };
  expect(ofFrames([exit], Uint16Array.of(5, 6, 7), [2, 0])).toEqual({
    answers: [{ classes: Uint16Array.of(2, 0), confidences: Float32Array.of(0.75, 0.25) }],
    labels: Uint16Array.of(7, 5),
  });
});
