// What is wrong with a frame's answers, and what excuses it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answer, judge, type Span } from '../../../../src/cli/chaos/judge.ts';

const KEPT = { steppedBack: 'kept', wentOn: 'kept', endedTwice: 'kept' };

/** Published and put on its topic at once, recorded, and of a frame that Redis may have forgotten, unless told otherwise. */
const answer = (stage: number, publishedAt: number, more: Partial<Answer> = {}): Answer => ({
  ...{ stage, final: false, exit: null, label: 'a', isRecorded: true, isForgotten: true, topic: 'refined' },
  ...{ publishedAt, appendedAt: publishedAt },
  ...more,
});
const end = (stage: number, publishedAt: number, more: Partial<Answer> = {}) =>
  answer(stage, publishedAt, { final: true, exit: 'full-depth', ...more });
const wiped = (from: number, to: number): Span[] => [{ from, to }];

describe('a step back', () => {
  it('is a later answer of a lower stage, unless Redis lost what it knew between the two', () => {
    const answers = [answer(2, 5000), answer(1, 9000, { topic: 'coarse' })];
    expect(judge(answers, [])).toEqual({ ...KEPT, steppedBack: 'broken' });
    expect(judge(answers, wiped(6000, 6010))).toEqual({ ...KEPT, steppedBack: 'excused' });
    // Redis may have been asked about the first a second before its stamp, no earlier.
    expect(judge(answers, wiped(4000, 4000))).toEqual({ ...KEPT, steppedBack: 'excused' });
    expect(judge(answers, [...wiped(0, 3999), ...wiped(9001, 9900)])).toEqual({ ...KEPT, steppedBack: 'broken' });
  });

  it('is excused where one of the two was not recorded, and only then: others of its worker do not count', () => {
    const unrecorded = { isRecorded: false };
    expect(judge([answer(3, 100, unrecorded), answer(2, 300)], []).steppedBack).toBe('excused');
    expect(judge([answer(3, 100), answer(2, 300, unrecorded)], []).steppedBack).toBe('excused');
    expect(judge([answer(3, 100), answer(4, 200, unrecorded), answer(2, 300)], []).steppedBack).toBe('broken');
  });

  it('is not excused by what Redis lost where neither of the two says so, but of a frame that was sent twice', () => {
    const unmarked = { isForgotten: false };
    const two = (first: Partial<Answer>, second: Partial<Answer>) => [answer(2, 5000, first), answer(1, 9000, second)];
    const lost = wiped(6000, 6010);
    expect(judge(two(unmarked, {}), lost).steppedBack).toBe('excused');
    expect(judge(two({}, unmarked), lost).steppedBack).toBe('excused');
    expect(judge(two(unmarked, unmarked), lost).steppedBack).toBe('broken');
    expect(judge(two(unmarked, unmarked), lost, true).steppedBack).toBe('excused');
    expect(judge(two(unmarked, unmarked), [], true).steppedBack).toBe('broken');
  });

  it('is one again after one that is excused', () => {
    const answers = [answer(3, 1000), answer(1, 2000), answer(2, 5000), answer(1, 7000)];
    expect(judge(answers, wiped(1500, 1600)).steppedBack).toBe('broken');
  });

  it('is none where answers are read out of order over two topics, or published at once', () => {
    expect(judge([answer(2, 100), answer(1, 50, { topic: 'coarse' })], [])).toEqual(KEPT);
    expect(judge([answer(2, 100), answer(1, 100, { topic: 'coarse' })], [])).toEqual(KEPT);
  });

  it('is an answer that stands behind a higher one of its topic, however early it was stamped', () => {
    expect(judge([answer(3, 200), answer(2, 100, { appendedAt: 500 })], []).steppedBack).toBe('broken');
    expect(judge([answer(3, 200), end(2, 200, { appendedAt: 500 })], []).steppedBack).toBe('broken');
  });

  it('… of another topic too, by the clock of the broker', () => {
    const late = answer(2, 100, { topic: 'coarse', appendedAt: 500 });
    expect(judge([late, answer(3, 200)], []).steppedBack).toBe('broken');
    expect(judge([{ ...late, appendedAt: 200 }, answer(3, 200)], []).steppedBack).toBe('kept');
  });

  it('… and excused where Redis lost what it knew between its stamp and its place', () => {
    const answers = [answer(3, 5200), answer(2, 5100, { appendedAt: 5500 })];
    for (const span of [wiped(50, 4100), wiped(5300, 5310), wiped(5500, 5600)])
      expect(judge(answers, span).steppedBack).toBe('excused');
    for (const span of [wiped(50, 4099), wiped(5501, 5600)]) expect(judge(answers, span).steppedBack).toBe('broken');
  });

  it('is none where it is a late copy of an answer that stood there in time', () => {
    expect(judge([answer(2, 110), answer(3, 200), answer(2, 100, { appendedAt: 500 })], [])).toEqual(KEPT);
  });
});

describe('after the end', () => {
  it('nothing comes but the same final answer once more', () => {
    const first = end(3, 100);
    expect(judge([answer(3, 50), first, end(3, 300)], [])).toEqual(KEPT);
    expect(judge([first, answer(3, 300)], [])).toEqual({ ...KEPT, wentOn: 'broken' });
    expect(judge([first, answer(4, 300)], wiped(200, 200))).toEqual({ ...KEPT, wentOn: 'excused' });
    expect(judge([first, answer(2, 300)], [])).toEqual({ ...KEPT, wentOn: 'broken', steppedBack: 'broken' });
  });

  it('another final answer is one too many: of another stage, with another reason, or another label', () => {
    for (const other of [end(4, 300), end(3, 300, { exit: 'load' }), end(3, 300, { label: 'b' })]) {
      expect(judge([end(3, 100), other], [])).toEqual({ ...KEPT, endedTwice: 'broken' });
      expect(judge([end(3, 100, { isRecorded: false }), other], [])).toEqual({ ...KEPT, endedTwice: 'excused' });
    }
    // Published at once, on whichever topic.
    for (const topic of ['coarse', 'refined'] as const)
      expect(judge([end(3, 100), end(3, 100, { exit: 'load', topic })], []).endedTwice).toBe('broken');
    expect(judge([end(3, 100), end(0, 300, { exit: 'expired', label: null })], [])).toEqual({
      ...KEPT,
      ...{ endedTwice: 'broken', steppedBack: 'broken' },
    });
  });
});

const anyAnswer = fc.record({
  stage: fc.nat(3),
  final: fc.boolean(),
  exit: fc.constantFrom('load' as const, 'full-depth' as const),
  label: fc.constantFrom('a', 'b'),
  isRecorded: fc.boolean(),
  isForgotten: fc.boolean(),
  publishedAt: fc.nat(20),
  appendedAt: fc.nat(30),
  topic: fc.constantFrom('coarse' as const, 'refined' as const),
});

it('with Redis wiped all the time everything of a frame that was sent twice is excused; answered all the time, nothing is; the rest is the same', () => {
  fc.assert(
    fc.property(fc.array(anyAnswer, { maxLength: 8 }), (answers) => {
      const always = Object.values(judge(answers, wiped(0, 100), true));
      const never = Object.values(
        judge(
          answers.map((one) => ({ ...one, isRecorded: true })),
          [],
        ),
      );
      expect(always).not.toContain('broken');
      expect(never).not.toContain('excused');
      expect(always.map((one) => one === 'kept')).toEqual(never.map((one) => one === 'kept'));
    }),
  );
});

it('stages that rise to one end are as promised, each record read once more or not', () => {
  const rising = fc.tuple(fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1 }), fc.array(fc.boolean()));
  fc.assert(
    fc.property(rising, ([stages, again]) => {
      const sorted = stages.sort((a, b) => a - b);
      const answers = sorted.flatMap((stage, i) => {
        const one = i === sorted.length - 1 ? end(stage, 10 * i) : answer(stage, 10 * i);
        return again[i] ? [one, { ...one, appendedAt: one.appendedAt + 5 }] : [one];
      });
      expect(judge(answers, [])).toEqual(KEPT);
    }),
  );
});
