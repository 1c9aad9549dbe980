// Lines of `anytime watch`: what strangers named or wrote cannot act on the terminal.
import picocolors from 'picocolors';
import { expect, test } from 'vitest';
import { checkLine } from '../../../../src/cli/commands/doctor.ts';
import { answerLine, refusalLine, waitingLine } from '../../../../src/cli/commands/watch.ts';
import { ok } from '../../../../src/cli/doctor/check.ts';
import { ERROR_HEADERS, encodeHeaders } from '../../../../src/core/envelope.ts';
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
