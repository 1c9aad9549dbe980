// Mandatory first, then best gain per millisecond; and which frames are ended because nothing can be done for them in time.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../src/core/frame.ts';
import type { LatencyModel } from '../../../src/core/latency-model.ts';
import { ReadyQueue } from '../../../src/core/ready-queue.ts';
import { canAnswer, isTry, nextDue, overdue, schedule, type Undecoded } from '../../../src/core/scheduler.ts';
import { StageTable } from '../../../src/core/stage-table.ts';
import { frame, latencyOf, table } from '../../helpers/frames.ts';

const settings = { maxBatch: 32, maxRunMs: 50 };
const queueOf = (...frames: Frame[]) => {
  const queue = new ReadyQueue(table);
  for (const one of frames) queue.add(one);
  return queue;
};
const nothing: Undecoded = { frames: 0, earliestDeadline: null, queued: 0, hasPatient: false, msPerFrame: 0 };
const situation = (
  queue: ReadyQueue,
  now: number,
  latency: LatencyModel,
  publishMs = 0,
  undecoded = nothing,
  hasRoom = true,
) => ({
  ...{ queue, now, latency, table, settings, publishMs, undecoded, hasRoom },
});
/** Stage and size of the batch that is to run. */
const next = (...what: Parameters<typeof situation>) => {
  const batch = schedule(situation(...what));
  return batch && { stage: batch.stage, batch: batch.frames.length };
};
const many = (count: number, parts: Parameters<typeof frame>[0]) => Array.from({ length: count }, () => frame(parts));

describe('schedule', () => {
  it('runs nothing when nothing waits', () => {
    expect(next(queueOf(), 0, latencyOf(0, 1))).toBeNull();
  });

  it('runs frames without an answer before any refinement, where batching pays for nothing', () => {
    const queue = queueOf(...many(10, { stage: 1 }), frame({ deadline: 10_000 }));
    expect(next(queue, 0, latencyOf(0, 1))).toEqual({ stage: 1, batch: 1 });
  });

  it('lets refinement use the slack while too few wait to make a batch worth it', () => {
    const queue = queueOf(...many(10, { stage: 1 }), frame({ deadline: 10_000 }));
    const batch = next(queue, 0, latencyOf(8, 1));
    expect(batch?.stage).toBe(2);
  });

  it('runs the few at once when their slack is short', () => {
    const queue = queueOf(...many(10, { stage: 1 }), frame({ deadline: 15 }));
    expect(next(queue, 0, latencyOf(8, 1))).toEqual({ stage: 1, batch: 1 });
  });

  it('does not let a batch grow past what its most urgent frame can bear', () => {
    const queue = queueOf(...many(30, { deadline: 12 }));
    expect(next(queue, 0, latencyOf(2, 1))).toEqual({ stage: 1, batch: 10 });
  });

  it('runs what refinement is not expected to help together, not one by one', () => {
    const buckets = [{ frames: 1000, right: 600, rightNext: 500 }];
    const exits = [0.6, 0.5].map((accuracy) => ({ accuracy, buckets }));
    const poor = new StageTable([0.5, 1], exits, [1]);
    const queue = new ReadyQueue(poor);
    for (const one of many(10, { stage: 1 })) queue.add(one);
    expect(queue.valueOf(queue.waiting(2)[0] as Frame)).toBe(0);
    expect(schedule({ ...situation(queue, 0, latencyOf(3, 0.1)), table: poor })?.frames).toHaveLength(10);
  });

  it('lets the fixed part of a stage-1 run be a quarter of it, however long that is', () => {
    const queue = queueOf(...many(30, { deadline: 10_000 }));
    expect(next(queue, 0, latencyOf(60, 8))?.batch).toBeGreaterThan(8); // maxRunMs is 50 here
  });

  it('tries one frame where none could be in time by a prediction that no run has shown for long', () => {
    const latency = latencyOf(790, 10);
    const queue = queueOf(...many(3, { deadline: 4100 }));
    expect(next(queue, 900, latency)).toEqual({ stage: 1, batch: 3 });
    expect(next(queue, 3900, latency)).toEqual({ stage: 1, batch: 1 });
    expect(isTry({ stage: 1, frames: queue.waiting(1) }, 3900, latency, 0)).toBe(true);
    expect(isTry({ stage: 1, frames: queue.waiting(1) }, 900, latency, 0)).toBe(false);
    expect(canAnswer(4100, 3900, latency, 0)).toBe(true);
    latency.observe(1, 1, 800, 3900); // as slow as predicted
    expect(canAnswer(4100, 3900, latency, 0)).toBe(false);
    expect(next(queue, 3900, latency)).toBeNull();
  });

  it('takes frames with a deadline before a backlog without, where they would be late behind it', () => {
    const backlog = many(600, { receivedAt: -5000 });
    const urgent = many(3, { deadline: 100 });
    const batch = schedule(situation(queueOf(...backlog, ...urgent), 0, latencyOf(1, 2)));
    expect(batch?.frames).toEqual(expect.arrayContaining(urgent));
    const later = many(3, { deadline: 100_000 });
    expect(schedule(situation(queueOf(...backlog, ...later), 0, latencyOf(1, 2)))?.frames[0]).toBe(backlog[0]);
  });

  it('prefers full batches when not all can be answered in time: the most urgent few are left out', () => {
    // 64 frames, all due in 30 ms; one run takes 10 ms + 0.5 ms a frame. Batches of 10 (15 ms) answer 20, one of 32 (26 ms) answers 32.
    const queue = queueOf(...many(64, { deadline: 30 }));
    expect(next(queue, 0, latencyOf(10, 0.5))).toEqual({ stage: 1, batch: 32 });
    const brink = queueOf(...many(4, { deadline: 12 }), ...many(60, { deadline: 60 }));
    const batch = schedule(situation(brink, 0, latencyOf(10, 0.5)));
    expect(batch?.frames.every(({ spec }) => spec.deadline === 60)).toBe(true);
  });

  it('answers soonest on average where all are in time: no batch larger than it pays', () => {
    const batch = next(queueOf(...many(32, { deadline: 10_000 })), 0, latencyOf(0, 1));
    expect(batch).toEqual({ stage: 1, batch: 1 });
  });

  it('lets decoding have the machine once frames would be decoded too late', () => {
    const queue = queueOf(...many(5, { stage: 1 }));
    const undecoded = { frames: 100, earliestDeadline: 1000, queued: 96, hasPatient: false, msPerFrame: 1 };
    expect(next(queue, 0, latencyOf(0, 1), 0, undecoded)?.stage).toBe(2);
    expect(next(queue, 0, latencyOf(0, 1), 0, { ...undecoded, frames: 300 })).toBeNull();
    queue.add(frame({ deadline: 1000 }));
    expect(next(queue, 0, latencyOf(8, 1), 0, { ...undecoded, frames: 300 })).toEqual({ stage: 1, batch: 1 });
  });

  it('and once frames without a deadline would queue long for a decoder, while there is room, and no refinement is overdue', () => {
    const queue = queueOf(...many(5, { stage: 1 }));
    const patient = { frames: 130, earliestDeadline: null, queued: 126, hasPatient: true, msPerFrame: 1 };
    const stageOf = (undecoded: Undecoded, hasRoom = true, now = 0) =>
      next(queue, now, latencyOf(0, 1), 0, undecoded, hasRoom)?.stage;
    expect(stageOf({ ...patient, queued: 125 })).toBe(2);
    expect(stageOf(patient)).toBeUndefined();
    expect(stageOf({ ...patient, earliestDeadline: 1e5 })).toBeUndefined();
    expect(stageOf({ ...patient, hasPatient: false })).toBe(2);
    expect(stageOf({ ...patient, frames: 4, queued: 0, msPerFrame: 400 })).toBe(2); // slow, but all at a decoder
    expect(stageOf(patient, false)).toBe(2);
    expect(stageOf(patient, true, 1e6)).toBe(2);
  });

  it('holds a frame back for a larger batch no longer than the fixed cost that batch would save', () => {
    const queue = queueOf(...many(10, { stage: 1 }), { ...frame({ deadline: 10_000 }), readyAt: 100 });
    expect(next(queue, 107, latencyOf(8, 1))?.stage).toBe(2);
    expect(next(queue, 108, latencyOf(8, 1))).toEqual({ stage: 1, batch: 1 });
  });

  it('refines where a millisecond gains most', () => {
    // Stage 2 gains .15 and stage 4 gains .05 per frame at the same price.
    const queue = queueOf(...many(5, { stage: 1 }), ...many(5, { stage: 3 }));
    expect(next(queue, 0, latencyOf(1, 1))).toEqual({ stage: 2, batch: 5 });
  });

  it('lets no frame wait for ever for better ones', () => {
    const waiting = frame({ stage: 3, confidence: 0.99, receivedAt: 0 });
    const queue = queueOf(...many(40, { stage: 1, receivedAt: 9_000 }), waiting);
    expect(next(queue, 10_000, latencyOf(0, 1))?.stage).toBe(2);
    expect(schedule(situation(queue, 10_001, latencyOf(0, 1)))).toEqual({ stage: 4, frames: [waiting] });
    // The clock was set back: what was there before has waited longest.
    const before = frame({ stage: 3, confidence: 0.99, receivedAt: 3_600_000 });
    const since = queueOf(...many(40, { stage: 1, receivedAt: 90_000 }), before);
    expect(schedule(situation(since, 99_000, latencyOf(0, 1)))).toEqual({ stage: 4, frames: [before] });
  });

  it('weighs by priority', () => {
    const queue = queueOf(frame({ stage: 1 }), frame({ stage: 3, priority: 9 }));
    expect(next(queue, 0, latencyOf(0, 1))).toEqual({ stage: 4, batch: 1 });
  });

  it('gives a frame without a deadline its first answer soon all the same', () => {
    const queue = queueOf(...many(10, { stage: 1 }), frame({ receivedAt: 0 }));
    expect(next(queue, 495, latencyOf(8, 1))).toEqual({ stage: 1, batch: 1 });
  });

  it('keeps a refinement run within maxRunMs when nothing mandatory waits', () => {
    const queue = queueOf(...many(32, { stage: 1 }));
    expect(next(queue, 0, latencyOf(0, 10))).toEqual({ stage: 2, batch: 5 });
    expect(next(queue, 0, latencyOf(0, 80))).toEqual({ stage: 2, batch: 1 });
  });

  it('always names frames that wait, within the largest batch', () => {
    const some = fc.record({
      stage: fc.integer({ min: 0, max: 3 }),
      confidence: fc.double({ min: 0, max: 1, noNaN: true }),
      deadline: fc.option(fc.integer({ min: 1, max: 500 })),
    });
    const line = fc.tuple(fc.double({ min: 0, max: 30, noNaN: true }), fc.double({ min: 0.01, max: 30, noNaN: true }));
    fc.assert(
      fc.property(fc.array(some, { minLength: 1, maxLength: 60 }), line, ([...parts], [a, c]) => {
        const queue = queueOf(...parts.map((one) => frame(one)));
        const batch = schedule(situation(queue, 0, latencyOf(a, c), 5));
        if (batch === null) {
          // Only where nothing can be refined and no first answer can be out in time.
          expect(queue.waiting(1)).toHaveLength(queue.size);
          overdue(situation(queue, 0, latencyOf(a, c), 5), null);
          expect(queue.size).toBe(0);
          return;
        }
        expect(batch.frames.length).toBeGreaterThanOrEqual(1);
        expect(batch.frames.length).toBeLessThanOrEqual(settings.maxBatch);
        const waiting = queue.waiting(batch.stage);
        expect(batch.frames.every((one) => waiting.includes(one))).toBe(true);
      }),
    );
  });
});

describe('overdue', () => {
  it('expires what cannot make stage 1, ends late what cannot make its next stage, leaves the rest', () => {
    const fine = frame({ deadline: 1000 });
    const expired = frame({ deadline: 5 });
    const late = frame({ stage: 2, deadline: 5 });
    const queue = queueOf(fine, expired, late, frame({ stage: 1 }));
    expect(overdue(situation(queue, 0, latencyOf(0, 10)), null)).toEqual({
      expired: [expired],
      late: [late],
      beyondLimit: [],
    });
    expect(queue.size).toBe(2);
  });

  it('counts what publishing takes', () => {
    const queue = queueOf(frame({ deadline: 30 }));
    expect(overdue(situation(queue, 0, latencyOf(0, 10), 15), null).expired).toHaveLength(0);
    expect(overdue(situation(queue, 0, latencyOf(0, 10), 25), null).expired).toHaveLength(1);
  });

  it('ends refinement beyond the depth limit, never the first answer', () => {
    const deep = frame({ stage: 2 });
    const queue = queueOf(frame(), frame({ stage: 1 }), deep);
    expect(overdue(situation(queue, 0, latencyOf(0, 1)), 2).beyondLimit).toEqual([deep]);
    expect(overdue(situation(queue, 0, latencyOf(0, 1)), 0).beyondLimit).toHaveLength(1);
    expect(queue.waiting(1)).toHaveLength(1);
  });

  it('ends a frame that a crash sent back to stage 1 with the answer it has', () => {
    const sentBack = { ...frame({ stage: 2, deadline: 5 }), stage: 0 };
    expect(overdue(situation(queueOf(sentBack), 0, latencyOf(0, 10)), null).late).toEqual([sentBack]);
  });
});

describe('nextDue', () => {
  it('is the earliest deadline of all that wait', () => {
    expect(nextDue(queueOf(frame({ deadline: 70 }), frame({ stage: 2, deadline: 30 })), table)).toBe(30);
    expect(nextDue(queueOf(), table)).toBeNull();
  });
});
