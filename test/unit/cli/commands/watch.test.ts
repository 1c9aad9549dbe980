// Lines of `anytime watch`: what strangers named or wrote cannot act on the terminal.
import picocolors from 'picocolors';
import { expect, test } from 'vitest';
import { checkLine } from '../../../../src/cli/commands/doctor.ts';
import { answerLine, bestOf, refusalLine, waitingLine } from '../../../../src/cli/commands/watch.ts';
import { ok } from '../../../../src/cli/doctor/check.ts';
import { ERROR_HEADERS, encodeHeaders } from '../../../../src/core/envelope.ts';
import { RunScore } from '../../../../src/evaluation/run-score.ts';
import { resultRecord } from '../../../helpers/records.ts';

const plain = { colours: picocolors.createColors(false) };
const HOSTILE = 'cat\x1b[2J\n\x9b31m\u202e';
const SHOWN = 'cat\\u{1b}[2J\\u{a}\\u{9b}31m\\u{202e}';

test('an answer, a refusal and a check keep their one line', () => {
  const { value } = resultRecord({ id: HOSTILE, label: HOSTILE, confidence: 0.5, stage: 1, exit: null });
  expect(answerLine(value, plain)).toContain(`${SHOWN}  ${SHOWN} 0.50  stage 1/`);
  const kept = resultRecord({ stage: 3, stages: 5, answerStage: 2, exit: null }).value;
  expect(answerLine(kept, plain)).toMatch(/stage 3\/5 \(answer of exit 2\)$/);
  const headers = encodeHeaders({ [ERROR_HEADERS.message]: HOSTILE });
  expect(refusalLine(HOSTILE, { headers }, plain)).toBe(`${SHOWN}  dead letter  ${SHOWN}`);
  expect(checkLine(ok('topics', HOSTILE), plain)).toBe(`ok    topics              ${SHOWN}`);
});

test('says which topics it waits on', () => {
  const topics = { coarse: 'frames.coarse', refined: 'frames.refined', deadLetters: 'frames.dlq' };
  expect(waitingLine(topics)).toBe('Waiting for answers on frames.coarse, frames.refined, frames.dlq …');
});

test('an end at a lower stage than is known does not step back', () => {
  const score = new RunScore({ isOpen: true });
  const deep = resultRecord({ stage: 3, label: 'cat', confidence: 0.9 }).value;
  const end = resultRecord({ stage: 2, label: 'dog', final: true, exit: 'load' }).value;
  for (const value of [deep, end]) score.received(value, 'refined', 0);
  expect(answerLine(bestOf(end, score), plain)).toMatch(/cat 0\.90 {2}stage 3\/5 {2}final: load/);
  expect(bestOf(deep, score)).toBe(deep);
  const kept = resultRecord({ stage: 4, label: 'cat', confidence: 0.9, answerStage: 3 }).value;
  score.received(kept, 'refined', 1);
  expect(answerLine(bestOf(end, score), plain)).toMatch(/cat 0\.90 {2}stage 4\/5 \(answer of exit 3\) {2}final: load/);
});
