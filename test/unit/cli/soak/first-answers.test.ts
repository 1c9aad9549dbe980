// First answers minute by minute, and frames that never ended.
import { expect, it } from 'vitest';
import { FirstAnswers } from '../../../../src/cli/soak/first-answers.ts';

const MINUTE = 60_000;

it('takes the wait of each frame once, in the minute in which its first answer came', () => {
  const answers = new FirstAnswers(1000);
  for (let n = 0; n < 100; n++) answers.wasSent(`f${n}`, 1000);
  for (let n = 0; n < 100; n++) answers.received({ id: `f${n}`, stage: 1, final: false }, 1000 + n + 1);
  answers.received({ id: 'f0', stage: 2, final: true }, 1500);
  answers.received({ id: 'f0', stage: 2, final: true }, 1600); // a duplicate
  answers.wasSent('late', 1000 + MINUTE);
  answers.received({ id: 'late', stage: 1, final: true }, 1000 + MINUTE + 40);
  expect(answers.minutes()).toEqual([
    { minute: 0, firstAnswers: 100, p50Ms: 50, p99Ms: 99 },
    { minute: 1, firstAnswers: 1, p50Ms: 40, p99Ms: 40 },
  ]);
  expect(answers.sent).toBe(101);
  expect(answers.ended).toBe(2);
  expect(answers.missing).toHaveLength(99);
});

it('a frame that ends without an answer has no wait, but is not missing', () => {
  const answers = new FirstAnswers(0);
  answers.wasSent('a', 10);
  answers.received({ id: 'a', stage: 0, final: true }, 500);
  expect(answers.minutes()).toEqual([]);
  expect(answers.unanswered).toBe(1);
  expect(answers.missing).toEqual([]);
});
