// The watcher's book says the same as a plain list of everything that was read, whatever the order it is read in.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Account } from '../../../../src/cli/chaos/account.ts';
import type { Answer } from '../../../../src/cli/chaos/judge.ts';

const START = 1_700_000_000_000;
const FRAMES = 3;
const STAGES = 3;
const answer = (stage: number, atMs: number, more: Partial<Answer> = {}): Answer => ({
  stage,
  final: false,
  exit: null,
  label: 'a',
  isRecorded: true,
  isForgotten: false,
  topic: 'refined',
  publishedAt: START + atMs,
  appendedAt: START + atMs,
  ...more,
});

function account(): Account {
  const book = new Account(FRAMES, START, STAGES);
  for (let n = 0; n < FRAMES; n++) book.sent(n, START + n, n === 2);
  return book;
}

it('a good frame ends with a final record, a poisonous one with a dead letter, the rest is lost', () => {
  const book = account();
  book.answered(0, answer(1, 10, { topic: 'coarse' }));
  book.answered(0, answer(2, 20, { final: true }));
  book.answered(2, answer(0, 20, { final: true, exit: 'rejected' }));
  expect(book.open).toBe(2);
  book.deadLettered(2);
  expect(book.open).toBe(1);
  expect(book.summary([])).toMatchObject({
    ...{ frames: 3, final: 1, unanswered: 0, deadLettered: 1, lost: 1, regressions: 0, records: 3, duplicateShare: 0 },
    ...{ goodDeadLettered: 0, poisonousNotDeadLettered: 0 },
  });
  expect(book.wrong([]).lost).toEqual([1]);
});

it('a good dead letter and a poisonous frame that ends otherwise are told', () => {
  const book = account();
  book.deadLettered(0);
  book.answered(2, answer(1, 10, { final: true, topic: 'coarse' }));
  expect(book.summary([])).toMatchObject({ goodDeadLettered: 1, poisonousNotDeadLettered: 1 });
  expect(book.wrong([])).toMatchObject({ goodDeadLettered: [0], poisonousNotDeadLettered: [2], lost: [1] });
});

it('tells frames that are missing among the first answers, and counts records made without Redis', () => {
  const book = account();
  book.answered(0, answer(1, 10, { topic: 'coarse' }));
  book.answered(0, answer(2, 20, { isRecorded: false, isForgotten: true }));
  book.answered(1, answer(2, 20, { final: true }));
  book.answered(2, answer(0, 20, { final: true, exit: 'expired' }));
  expect(book.summary([])).toMatchObject({
    final: 2,
    unanswered: 1,
    firstAnswersMissing: 1,
    unrecorded: 1,
    forgotten: 1,
  });
  expect(book.wrong([]).firstAnswersMissing).toEqual([1]);
  expect([0, 1, 2, FRAMES].map((n) => book.firstAnswerWaitMs(n))).toEqual([10, 19, Infinity, null]);
  expect([0, 1, 2, FRAMES].map((n) => book.endedAt(n))).toEqual([null, START + 20, START + 20, null]);
});

it('what a send put on the topic twice is not counted as the workers repeating themselves', () => {
  const book = account();
  for (const n of [0, 1]) {
    book.answered(n, answer(1, 10, { topic: 'coarse' }));
    if (n === 1) book.sentAgain(n);
    book.answered(n, answer(1, 20, { topic: 'coarse' }));
  }
  expect(book.summary([]).duplicates).toEqual({ coarse: 1, refined: 0, final: 0 });
});

it('knows when the first answer came, which a final record without one is not', () => {
  const book = account();
  book.answered(0, answer(0, 5, { final: true }));
  book.answered(1, answer(2, 30));
  book.answered(1, answer(1, 20, { topic: 'coarse' }));
  expect([book.firstAnswerAt(0), book.firstAnswerAt(1), book.sentAt(1)]).toEqual([null, START + 20, START + 1]);
});

it('tells a dead letter without its final record, and the other way round; both belong to a refused frame', () => {
  const book = account();
  book.deadLettered(2);
  book.answered(1, answer(0, 20, { final: true, exit: 'rejected' }));
  expect(book.summary([])).toMatchObject({ halfRefused: 2 });
  expect(book.wrong([]).halfRefused).toEqual([1, 2]);
  book.answered(2, answer(0, 30, { final: true, exit: 'rejected' }));
  book.deadLettered(1);
  expect(book.summary([])).toMatchObject({ halfRefused: 0, deadLettered: 2 });
});

it('counts frames whose answers are not as promised, and names the first of them', () => {
  const book = account();
  book.answered(0, answer(2, 100, { final: true }));
  book.answered(0, answer(1, 1300, { final: true }));
  book.answered(1, answer(2, 100, { final: true }));
  book.answered(1, answer(3, 1300));
  const wiped = [{ from: START + 200, to: START + 200 }];
  const counts = { regressions: 1, answersAfterFinal: 1, unlikeFinals: 1 };
  const none = { regressions: 0, answersAfterFinal: 0, unlikeFinals: 0 };
  const excused = { regressionsWhileAway: 1, answersAfterFinalWhileAway: 1, unlikeFinalsWhileAway: 1 };
  expect(book.summary([])).toMatchObject(counts);
  expect(book.wrong([])).toMatchObject({ steppedBack: [0], endedTwice: [0], wentOn: [1] });
  // Where that was a wipe their records say so themselves, but of frames that were sent twice.
  expect(book.summary(wiped)).toMatchObject(counts);
  for (const n of [0, 1]) book.sentAgain(n);
  expect(book.summary(wiped)).toMatchObject({ ...none, ...excused });
  expect(book.wrong(wiped)).toMatchObject({ steppedBack: [], endedTwice: [], wentOn: [] });
});

const read = fc.record({
  n: fc.nat(FRAMES - 1),
  what: fc.oneof(
    fc.constant('dead' as const),
    fc.record({
      stage: fc.nat(STAGES),
      final: fc.boolean(),
      atMs: fc.nat(20),
      topic: fc.constantFrom('coarse' as const, 'refined' as const),
    }),
  ),
});

it('says of any records what a plain list of them says', () => {
  fc.assert(
    fc.property(fc.array(read, { maxLength: 40 }), (records) => {
      const book = account();
      for (const { n, what } of records)
        what === 'dead' ? book.deadLettered(n) : book.answered(n, answer(what.stage, what.atMs, what));
      const of = (n: number) => records.filter((one) => one.n === n).map(({ what }) => what);
      const answers = (n: number) => of(n).filter((what) => what !== 'dead');
      const numbers = [...Array(FRAMES).keys()];
      const isDead = (n: number) => of(n).includes('dead');
      const hasEnd = (n: number) => isDead(n) || answers(n).some(({ final }) => final);
      const summary = book.summary([]);
      expect(summary).toMatchObject({
        frames: FRAMES,
        deadLettered: numbers.filter(isDead).length,
        lost: numbers.filter((n) => !hasEnd(n)).length,
        final: numbers.filter((n) => hasEnd(n) && !isDead(n)).length,
        halfRefused: numbers.filter(isDead).length,
        firstAnswersMissing: numbers.filter((n) => {
          const said = answers(n).filter(({ stage }) => stage > 0);
          return said.length > 0 && said.every(({ topic }) => topic === 'refined');
        }).length,
        records: numbers.reduce((sum, n) => sum + answers(n).length, 0),
      });
      expect(book.open).toBe(numbers.filter((n) => isDead(n) || !answers(n).some(({ final }) => final)).length);
      // Every record beyond one of its kind (and stage, for refined ones) repeats something.
      const kinds = numbers.map((n) => {
        const finals = answers(n).filter(({ final }) => final).length;
        const refined = answers(n).filter(({ final, topic }) => !final && topic === 'refined');
        return {
          final: Math.max(0, finals - 1),
          refined: refined.length - new Set(refined.map(({ stage }) => stage)).size,
        };
      });
      expect(summary.duplicates.final).toBe(kinds.reduce((sum, { final }) => sum + final, 0));
      expect(summary.duplicates.refined).toBe(kinds.reduce((sum, { refined }) => sum + refined, 0));
    }),
    { numRuns: 500 },
  );
});
