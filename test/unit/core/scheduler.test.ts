// Mandatory first, then best gain per millisecond; and which frames are ended because nothing can be done for them in time.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../src/core/frame.ts';
import { ReadyQueue } from '../../../src/core/ready-queue.ts';
import { nextDue, overdue, schedule } from '../../../src/core/scheduler.ts';
import { frame, latencyOf, table } from '../../helpers/frames.ts';

const settings = { maxBatch: 32, maxRunMs: 50 };
const queueOf = (...frames: Frame[]) => {
  const queue = new ReadyQueue(table);
  for (const one of frames) queue.add(one);
  return queue;
};
const many = (count: number, parts: Parameters<typeof frame>[0]) => Array.from({ length: count }, () => frame(parts));

describe('schedule', () => {
  it('runs nothing when nothing waits', () => {
    expect(schedule(queueOf(), 0, latencyOf(0, 1), table, settings, 0)).toBeNull();
  });

  it('runs frames without an answer before any refinement, where batching pays for nothing', () => {
    const queue = queueOf(...many(10, { stage: 1 }), frame({ deadline: 10_000 }));
    expect(schedule(queue, 0, latencyOf(0, 1), table, settings, 0)).toEqual({ stage: 1, batch: 1 });
  });

  it('lets refinement use the slack while too few wait to make a batch worth it', () => {
    const queue = queueOf(...many(10, { stage: 1 }), frame({ deadline: 10_000 }));
    const batch = schedule(queue, 0, latencyOf(8, 1), table, settings, 0);
    expect(batch?.stage).toBe(2);
  });

  it('runs the few at once when their slack is short', () => {
    const queue = queueOf(...many(10, { stage: 1 }), frame({ deadline: 15 }));
    expect(schedule(queue, 0, latencyOf(8, 1), table, settings, 0)).toEqual({ stage: 1, batch: 1 });
  });

  it('does not let a batch grow past what its most urgent frame can bear', () => {
    const queue = queueOf(...many(30, { deadline: 12 }));
    expect(schedule(queue, 0, latencyOf(2, 1), table, settings, 0)).toEqual({ stage: 1, batch: 10 });
  });

  it('refines where a millisecond gains most', () => {
    // Stage 2 gains .15 and stage 4 gains .05 per frame at the same price.
    const queue = queueOf(...many(5, { stage: 1 }), ...many(5, { stage: 3 }));
    expect(schedule(queue, 0, latencyOf(1, 1), table, settings, 0)).toEqual({ stage: 2, batch: 5 });
  });

  it('weighs by priority', () => {
    const queue = queueOf(frame({ stage: 1 }), frame({ stage: 3, priority: 9 }));
    expect(schedule(queue, 0, latencyOf(0, 1), table, settings, 0)).toEqual({ stage: 4, batch: 1 });
  });

  it('gives a frame without a deadline its first answer soon all the same', () => {
    const queue = queueOf(...many(10, { stage: 1 }), frame({ receivedAt: 0 }));
    expect(schedule(queue, 495, latencyOf(8, 1), table, settings, 0)).toEqual({ stage: 1, batch: 1 });
  });

  it('keeps a refinement run within maxRunMs when nothing mandatory waits', () => {
    const queue = queueOf(...many(32, { stage: 1 }));
    expect(schedule(queue, 0, latencyOf(0, 10), table, settings, 0)).toEqual({ stage: 2, batch: 5 });
    expect(schedule(queue, 0, latencyOf(0, 80), table, settings, 0)).toEqual({ stage: 2, batch: 1 });
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
        const batch = schedule(queue, 0, latencyOf(a, c), table, settings, 5);
        expect(batch).not.toBeNull();
        expect(batch?.batch).toBeGreaterThanOrEqual(1);
        expect(batch?.batch).toBeLessThanOrEqual(Math.min(settings.maxBatch, queue.waiting(batch?.stage ?? 0).length));
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
    expect(overdue(queue, 0, latencyOf(0, 10), table, null, 0)).toEqual({
      expired: [expired],
      late: [late],
      beyondLimit: [],
    });
    expect(queue.size).toBe(2);
  });

  it('counts what publishing takes', () => {
    const queue = queueOf(frame({ deadline: 30 }));
    expect(overdue(queue, 0, latencyOf(0, 10), table, null, 15).expired).toHaveLength(0);
    expect(overdue(queue, 0, latencyOf(0, 10), table, null, 25).expired).toHaveLength(1);
  });

  it('ends refinement beyond the depth limit, never the first answer', () => {
    const deep = frame({ stage: 2 });
    const queue = queueOf(frame(), frame({ stage: 1 }), deep);
    expect(overdue(queue, 0, latencyOf(0, 1), table, 2, 0).beyondLimit).toEqual([deep]);
    expect(overdue(queue, 0, latencyOf(0, 1), table, 0, 0).beyondLimit).toHaveLength(1);
    expect(queue.waiting(1)).toHaveLength(1);
  });

  it('ends a frame that a crash sent back to stage 1 with the answer it has', () => {
    const sentBack = { ...frame({ stage: 2, deadline: 5 }), stage: 0 };
    expect(overdue(queueOf(sentBack), 0, latencyOf(0, 10), table, null, 0).late).toEqual([sentBack]);
  });
});

describe('nextDue', () => {
  it('is the earliest deadline of all that wait', () => {
    expect(nextDue(queueOf(frame({ deadline: 70 }), frame({ stage: 2, deadline: 30 })), table)).toBe(30);
    expect(nextDue(queueOf(), table)).toBeNull();
  });
});
