// The score of a run: records twice, late, out of order, missing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExitReason, ResultValue } from '../../../src/core/result.ts';
import { RunScore } from '../../../src/evaluation/run-score.ts';

function result(id: string, stage: number, label: string | null, exit: ExitReason | null = null): ResultValue {
  return {
    id,
    source: 'test',
    stage,
    stages: 3,
    label,
    confidence: label === null ? null : 0.5,
    top: [],
    final: exit !== null,
    exit,
    spent: stage / 3,
    budget: 1,
    deadline: null,
    receivedAt: 1000,
    publishedAt: 1010,
    model: 'm@1',
    epoch: 1,
    degraded: [],
  };
}

function scoreOf(...labels: string[]): RunScore {
  const score = new RunScore();
  labels.forEach((label, i) => {
    score.sent({ id: `f${i}`, label, dueAt: 1000, deadline: 1100 });
  });
  return score;
}

describe('RunScore', () => {
  it('at the same stage takes the answer of the final record, and no end at a lower stage for the end', () => {
    const score = scoreOf('cat');
    score.received(result('f0', 1, 'dog'), 'coarse', 1020);
    score.received(result('f0', 2, 'dog'), 'refined', 1030);
    score.received(result('f0', 2, 'cat', 'deadline'), 'refined', 1040);
    score.received(result('f0', 1, 'dog', 'load'), 'refined', 1050);
    expect(score.frame('f0')?.answers.get(2)?.label).toBe('cat');
    expect(score.frame('f0')?.final).toMatchObject({ stage: 2, exit: 'deadline', receivedAt: 1040 });
  });

  it('forgets frames of which nothing came for long; what comes of them again is news', () => {
    const score = new RunScore({ isOpen: true });
    score.received(result('old', 1, 'cat', 'deadline'), 'coarse', 1020);
    score.deadLettered('letter', 1020);
    score.received(result('new', 1, 'cat'), 'coarse', 5000);
    expect(score.forget(5000)).toEqual(['old', 'letter']);
    expect(score.received(result('old', 1, 'cat', 'deadline'), 'coarse', 5010)).toBe('better');
    expect(score.received(result('new', 1, 'cat'), 'coarse', 5020)).toBe('duplicate');
  });

  it('takes from its first record when a frame was due of which only a dead letter was seen', () => {
    const score = new RunScore({ isOpen: true });
    const refused = { ...result('f0', 0, null, 'rejected'), deadline: 1100 };
    score.deadLettered('f0', 1015);
    score.deadLettered('alone', 1015);
    expect(score.document(null)).toMatchObject({
      frames: 2,
      deadLettered: 2,
      framesPerSecond: null,
      deadlineMissed: 0,
    });
    score.received(refused, 'refined', 1020);
    score.received(result('f1', 1, 'cat', 'full-depth'), 'coarse', 1100);
    expect(score.document(null)).toMatchObject({ framesPerSecond: 20, deadlineMissed: 1, deadLettered: 2, lost: 0 });
    score.received(result('alone', 1, 'cat', 'deadline'), 'coarse', 1100);
    expect(score.document(null).firstResultMs).toEqual({ p50: 100, p99: 100 });
  });

  it('scores first and final answers apart, and each stage over the frames that reached it', () => {
    const score = scoreOf('cat', 'dog');
    score.received(result('f0', 1, 'dog'), 'coarse', 1020);
    score.received(result('f0', 2, 'cat'), 'refined', 1040);
    score.received(result('f0', 3, 'cat', 'full-depth'), 'refined', 1080);
    score.received(result('f1', 1, 'dog', 'confident'), 'coarse', 1030);
    const document = score.document('cpu');
    expect(document).toMatchObject({ frames: 2, coarse: 2, refined: 2, final: 2, lost: 0, duplicates: 0 });
    expect(document.accuracy).toEqual({
      first: 0.5,
      final: 1,
      byStage: [
        { stage: 1, frames: 2, accuracy: 0.5 },
        { stage: 2, frames: 1, accuracy: 1 },
        { stage: 3, frames: 1, accuracy: 1 },
      ],
      answered: 2,
      unanswered: 0,
    });
    expect(document.firstResultMs).toEqual({ p50: 20, p99: 30 });
    expect(document.firstResultParts).toEqual({ toWorkerMs: 0, inWorkerMs: 10, toReaderMs: 10 });
    expect(document.finalMs).toEqual({ p50: 30, p99: 80 });
    expect(document.exits).toMatchObject({ confident: 1, 'full-depth': 1 });
    expect(document.endedAtStage).toEqual([1, 0, 1]);
    expect(document.meanDepth).toBe(2);
    expect(document.meanPasses).toBeCloseTo(2 / 3, 3);
    expect(document.framesPerSecond).toBe(25); // 2 frames in 80 ms
    expect(document).toMatchObject({ engine: 'cpu', model: 'm@1', deadlineMissed: 0 });
  });

  it('counts a record that comes again and changes nothing else', () => {
    const score = scoreOf('cat');
    expect(score.received(result('f0', 1, 'cat'), 'coarse', 1020)).toBe('better');
    expect(score.received(result('f0', 1, 'cat'), 'coarse', 1500)).toBe('duplicate');
    expect(score.received(result('f0', 2, 'cat', 'full-depth'), 'refined', 1030)).toBe('better');
    expect(score.received(result('f0', 2, 'cat', 'full-depth'), 'refined', 1600)).toBe('duplicate');
    expect(score.document(null)).toMatchObject({ duplicates: 2, coarse: 1, refined: 1, final: 1 });
    expect(score.document(null).firstResultMs.p50).toBe(20);
    expect(score.document(null).finalMs.p50).toBe(30);
  });

  it('takes a final record that repeats the last answer as the end, not as a duplicate', () => {
    const score = scoreOf('cat');
    score.received(result('f0', 1, 'cat'), 'coarse', 1020);
    expect(score.received(result('f0', 1, 'cat', 'deadline'), 'refined', 1090)).toBe('end');
    expect(score.document(null)).toMatchObject({ duplicates: 0, refined: 0, final: 1, meanDepth: 1 });
  });

  it('keeps the deepest answer when a shallower one comes after it', () => {
    const score = scoreOf('cat');
    expect(score.received(result('f0', 2, 'cat'), 'refined', 1040)).toBe('better');
    expect(score.received(result('f0', 1, 'dog'), 'coarse', 1050)).toBe('behind');
    expect(score.document(null).accuracy).toMatchObject({ first: 0, final: 1 });
    expect(score.document(null).firstResultMs.p50).toBe(40); // whatever came first was the first result
  });

  it('takes what is read after the final record of its stage for no news', () => {
    const score = scoreOf('cat');
    expect(score.received(result('f0', 2, 'cat', 'deadline'), 'refined', 1040)).toBe('better');
    expect(score.received(result('f0', 2, 'dog'), 'refined', 1050)).toBe('behind');
    expect(score.frame('f0')?.answers.get(2)?.label).toBe('cat');
    expect(score.document(null)).toMatchObject({ duplicates: 0, accuracy: { final: 1 } });
  });

  it('tells the end of a frame of which a deeper answer is known', () => {
    const score = scoreOf('cat');
    score.received(result('f0', 3, 'cat'), 'refined', 1040);
    expect(score.received(result('f0', 2, 'dog', 'deadline'), 'refined', 1050)).toBe('end');
    expect(score.received(result('f0', 1, 'dog'), 'coarse', 1060)).toBe('behind');
  });

  it('takes a second final record for the better one where it ends a deeper stage that is known', () => {
    const score = scoreOf('cat');
    score.received(result('f0', 2, 'dog', 'deadline'), 'refined', 1040);
    score.received(result('f0', 3, 'dog'), 'refined', 1050);
    expect(score.received(result('f0', 3, 'cat', 'full-depth'), 'refined', 1060)).toBe('end');
    expect(score.frame('f0')).toMatchObject({ final: { stage: 3, exit: 'full-depth' } });
    expect(score.document(null)).toMatchObject({ duplicates: 1, accuracy: { final: 1 } });
  });

  it('tells which frames have no end, and which lack their first answer', () => {
    const score = scoreOf('cat', 'cat', 'cat');
    score.received(result('f0', 1, 'cat'), 'coarse', 1020);
    score.received(result('f1', 2, 'cat', 'full-depth'), 'refined', 1020);
    score.deadLettered('f2');
    expect(score.missing()).toEqual(['f0']);
    expect(score.withoutCoarse()).toEqual(['f1']);
    expect(score.document(null)).toMatchObject({ lost: 1, deadLettered: 1, final: 1 });
  });

  it('leaves frames without an answer out of accuracy and says how many they were', () => {
    const score = scoreOf('cat', 'cat');
    score.received(result('f0', 0, null, 'expired'), 'refined', 1100);
    score.received(result('f1', 1, 'cat', 'confident'), 'coarse', 1200);
    expect(score.document(null)).toMatchObject({ expired: 1, coarse: 1, deadlineMissed: 2, meanDepth: 1 });
    expect(score.document(null).accuracy).toMatchObject({ final: 1, answered: 1, unanswered: 1 });
  });

  it('counts records of frames that nobody sent, or takes them in when it is open', () => {
    const closed = scoreOf();
    expect(closed.received(result('x', 1, 'cat'), 'coarse', 1020)).toBe('unknown');
    expect(closed.deadLettered('y')).toBe('unknown');
    expect(closed.document(null)).toMatchObject({ unknown: 2, frames: 0, framesPerSecond: null });
    const open = new RunScore({ isOpen: true });
    expect(open.received(result('x', 1, 'cat'), 'coarse', 1020)).toBe('better');
    expect(open.deadLettered('y')).toBe('end');
    expect(open.deadLettered('y')).toBe('duplicate');
    expect(open.document(null)).toMatchObject({ unknown: 0, frames: 2, duplicates: 1 });
    expect(open.document(null).accuracy).toMatchObject({ final: null, answered: 0 });
  });

  it('gives the same document for any order, with any records repeated', () => {
    const records = [
      ['f0', 1, 'dog', null],
      ['f0', 2, 'cat', null],
      ['f0', 3, 'cat', 'full-depth'],
      ['f1', 1, 'dog', null],
      ['f1', 1, 'dog', 'deadline'],
      ['f2', 0, null, 'expired'],
    ] as const;
    const play = (order: readonly number[]) => {
      const score = scoreOf('cat', 'dog', 'cat');
      for (const at of order) {
        const [id, stage, label, exit] = records[at] as (typeof records)[number];
        score.received(result(id, stage, label, exit), stage === 1 && exit === null ? 'coarse' : 'refined', 1050);
      }
      return { ...score.document(null), duplicates: 0 };
    };
    const all = records.map((_, i) => i);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), fc.array(fc.nat(5)), (order, again) => {
        expect(play([...order, ...again])).toEqual(play(all));
      }),
    );
  });
});
