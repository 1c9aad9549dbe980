// The watcher's book says the same as a plain list of everything that was read, whatever the order it is read in.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Account, type Answer, type Span } from '../../../../src/cli/chaos/account.ts';

const START = 1_700_000_000_000;
const FRAMES = 3;
const STAGES = 3;
const answer = (stage: number, atMs: number, more: Partial<Answer> = {}): Answer => ({
  stage,
  final: false,
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
  book.answered(2, answer(0, 20, { final: true }));
  expect(book.open).toBe(1);
  book.deadLettered(2);
  expect(book.open).toBe(1);
  expect(book.summary([])).toMatchObject({
    ...{ frames: 3, final: 1, deadLettered: 1, lost: 1, regressions: 0, records: 3, duplicateShare: 0 },
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

it('a later record of a lower stage is a step back, unless Redis was away between the two', () => {
  const book = account();
  book.answered(0, answer(2, 100));
  book.answered(0, answer(1, 300, { topic: 'coarse' }));
  const away = (from: number, to: number): Span[] => [{ from: START + from, to: START + to }];
  expect(book.summary([])).toMatchObject({ regressions: 1, regressionsWhileAway: 0 });
  expect(book.summary(away(150, 160))).toMatchObject({ regressions: 0, regressionsWhileAway: 1 });
  expect(book.summary([...away(0, 99), ...away(301, 400)])).toMatchObject({ regressions: 1 });
});

it('records that are read out of order over two topics, or published at once, are no step back', () => {
  const book = account();
  book.answered(0, answer(2, 100));
  book.answered(0, answer(1, 50, { topic: 'coarse' }));
  book.answered(1, answer(2, 100));
  book.answered(1, answer(1, 100, { topic: 'coarse' }));
  expect(book.summary([])).toMatchObject({ regressions: 0, regressionsWhileAway: 0 });
});

const frozenUntil = (stage: number, atMs: number, untilMs: number, more: Partial<Answer> = {}) =>
  answer(stage, atMs, { appendedAt: START + untilMs, ...more });

it('an answer that stands behind a higher one of its topic is a step back, however early it was stamped', () => {
  const book = account();
  for (const n of [0, 1]) {
    book.answered(n, answer(3, 200));
    book.answered(n, n === 0 ? frozenUntil(2, 100, 500) : frozenUntil(2, 200, 500, { final: true }));
  }
  expect(book.summary([])).toMatchObject({ regressions: 2, regressionsWhileAway: 0 });
  expect(book.wrong([]).steppedBack).toEqual([0, 1]);
});

it('it is excused where Redis was away between its stamp and its place on the topic', () => {
  const book = account();
  book.answered(0, answer(3, 200));
  book.answered(0, frozenUntil(2, 100, 500));
  const away = (from: number, to: number): Span[] => [{ from: START + from, to: START + to }];
  for (const one of [away(50, 100), away(300, 310), away(500, 600)])
    expect(book.summary(one)).toMatchObject({ regressions: 0, regressionsWhileAway: 1 });
  for (const one of [away(50, 99), away(501, 600)])
    expect(book.summary(one)).toMatchObject({ regressions: 1, regressionsWhileAway: 0 });
});

it('a copy that comes late with its older stamp is a duplicate and no step back', () => {
  const book = account();
  book.answered(0, answer(2, 110));
  book.answered(0, answer(3, 200));
  book.answered(0, frozenUntil(2, 100, 500));
  expect(book.summary([])).toMatchObject({ regressions: 0, regressionsWhileAway: 0, duplicates: { refined: 1 } });
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

const read = fc.record({
  n: fc.nat(FRAMES - 1),
  what: fc.oneof(
    fc.constant('dead' as const),
    fc.record({
      stage: fc.nat(STAGES),
      final: fc.boolean(),
      publishedAt: fc.integer({ min: START, max: START + 20 }),
      appendedAt: fc.integer({ min: START, max: START + 30 }),
      topic: fc.constantFrom('coarse' as const, 'refined' as const),
    }),
  ),
});

it('says of any records what a plain list of them says', () => {
  fc.assert(
    fc.property(fc.array(read, { maxLength: 40 }), fc.nat(20), fc.nat(5), (records, awayAt, awayFor) => {
      const book = account();
      for (const { n, what } of records) what === 'dead' ? book.deadLettered(n) : book.answered(n, what);
      const away = [{ from: START + awayAt, to: START + awayAt + awayFor }];
      const of = (n: number) => records.filter((one) => one.n === n).map(({ what }) => what);
      const answers = (n: number) => of(n).filter((what) => what !== 'dead');
      const numbers = [...Array(FRAMES).keys()];
      const isDead = (n: number) => of(n).includes('dead');
      const hasEnd = (n: number) => isDead(n) || answers(n).some(({ final }) => final);
      const steps = (n: number) =>
        answers(n).flatMap((a) =>
          answers(n).flatMap((b) => (a.stage > b.stage && a.publishedAt < b.publishedAt ? [[a, b]] : [])),
        );
      const isExcused = ([a, b]: readonly Answer[]) =>
        (a?.publishedAt ?? 0) <= START + awayAt + awayFor && (b?.publishedAt ?? 0) >= START + awayAt;
      // The widest gap between two stages decides: it is excused if any moment of it is.
      const widest = (n: number) => {
        const pairs = steps(n);
        const keys = new Set(pairs.map(([a, b]) => `${a?.stage}/${b?.stage}`));
        return [...keys].map((key) => {
          const same = pairs.filter(([a, b]) => `${a?.stage}/${b?.stage}` === key);
          const first = Math.min(...same.map(([a]) => a?.publishedAt ?? 0));
          const last = Math.max(...same.map(([, b]) => b?.publishedAt ?? 0));
          return [answer(0, first - START), answer(0, last - START)];
        });
      };
      // Behind a higher one of its topic, stamped no later than that, and none of its kind and stage there before.
      const overtaken = (n: number) =>
        answers(n).flatMap((b, i, all) => {
          const before = all.slice(0, i);
          const there = before.filter(({ topic }) => topic === b.topic);
          const highest = Math.max(-1, ...there.map(({ stage }) => stage));
          const firstAt = Math.min(...before.filter(({ stage }) => stage === highest).map((a) => a.publishedAt));
          const isCopy = there.some(({ stage, final }) => stage === b.stage && final === b.final);
          const isBehind = highest > b.stage && b.publishedAt <= firstAt && !isCopy;
          return isBehind ? [[b, { ...b, publishedAt: Math.max(b.publishedAt, b.appendedAt) }]] : [];
        });
      const unexcused = (n: number) => [...widest(n), ...overtaken(n)].some((pair) => !isExcused(pair));
      const summary = book.summary(away);
      expect(summary).toMatchObject({
        frames: FRAMES,
        deadLettered: numbers.filter(isDead).length,
        lost: numbers.filter((n) => !hasEnd(n)).length,
        final: numbers.filter((n) => hasEnd(n) && !isDead(n)).length,
        regressions: numbers.filter(unexcused).length,
        regressionsWhileAway: numbers.filter((n) => steps(n).length + overtaken(n).length > 0 && !unexcused(n)).length,
        records: numbers.reduce((sum, n) => sum + answers(n).length, 0),
      });
      expect(book.open).toBe(summary.lost);
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
