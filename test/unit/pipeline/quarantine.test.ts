import { describe, expect, it } from 'vitest';
import type { Answer, Frame } from '../../../src/core/frame.ts';
import { createQuarantine } from '../../../src/pipeline/quarantine.ts';
import { frame as frameOf } from '../../helpers/frames.ts';

function setUp() {
  const inHand = new Set<Frame>();
  const admitted: string[] = [];
  /** Those that do not wait in the ready queue. */
  const running = new Set<Frame>();
  const quarantine = createQuarantine(inHand, {
    admit: ({ spec }) => admitted.push(spec.id),
    hold: (frame) => !running.has(frame),
  });
  const add = (id: string, deadline: number | null = null, answer: Answer | null = null) => {
    const frame = { ...frameOf({ id, deadline }), answer };
    inHand.add(frame);
    quarantine.add(frame);
    quarantine.wake();
    return frame;
  };
  return { inHand, admitted, running, quarantine, add };
}

describe('the quarantine', () => {
  it('admits one at a time, the earliest deadline first', () => {
    const { admitted, add, quarantine } = setUp();
    const first = add('first');
    add('never');
    add('late', 900);
    const early = add('early', 100);
    expect(admitted).toEqual(['first']);
    quarantine.wake();
    expect(admitted).toEqual(['first']);
    first.stage = 1;
    quarantine.wake();
    expect(admitted).toEqual(['first', 'early']);
    early.isEnded = true;
    quarantine.wake();
    expect(admitted).toEqual(['first', 'early', 'late']);
  });

  it('of those without an answer the one that came to nothing least often goes first, whatever its deadline', () => {
    const { admitted, add, quarantine } = setUp();
    const first = add('first');
    add('twice', 100).vainAttempts = 2;
    add('once', 900).vainAttempts = 1;
    first.stage = 1;
    quarantine.wake();
    expect(admitted).toEqual(['first', 'once']);
  });

  it('a frame is a suspect until it is through', () => {
    const { add, quarantine } = setUp();
    const [one, two] = [add('one'), add('two')];
    expect([one.isSuspect, two.isSuspect]).toEqual([true, true]);
    one.stage = 1;
    quarantine.wake();
    expect([one.isSuspect, two.isSuspect]).toEqual([false, true]);
  });

  it('frames without an answer go first; the one that gives way is still a suspect, and has its turn again', () => {
    const { admitted, running, add, quarantine } = setUp();
    const answer: Answer = { stage: 2, answerStage: 2, label: 'cat', confidence: 0.5, top: [] };
    const answered = add('answered', 10, answer);
    const second = add('second', 20, answer);
    for (const stage of [1, 2]) {
      answered.stage = stage;
      quarantine.wake();
      expect(admitted, 'no further than before').toEqual(['answered']);
    }
    running.add(answered);
    const fresh = add('fresh', 900);
    expect(admitted, 'not while it runs').toEqual(['answered']);
    running.delete(answered);
    quarantine.wake();
    expect(admitted).toEqual(['answered', 'fresh']);
    expect(answered.isSuspect).toBe(true);
    fresh.stage = 1;
    quarantine.wake();
    expect(admitted).toEqual(['answered', 'fresh', 'answered']);
    answered.stage = 3;
    quarantine.wake();
    expect(admitted).toEqual(['answered', 'fresh', 'answered', 'second']);
    expect([answered, fresh, second].map(({ isSuspect }) => isSuspect)).toEqual([false, false, true]);
  });

  it('passes over what ended or was let go while it waited', () => {
    const { inHand, admitted, add, quarantine } = setUp();
    const [present, gone, ended] = [add('present'), add('gone'), add('ended')];
    add('next');
    inHand.delete(gone);
    ended.isEnded = true;
    inHand.delete(present);
    quarantine.wake();
    expect(admitted).toEqual(['present', 'next']);
  });
});
