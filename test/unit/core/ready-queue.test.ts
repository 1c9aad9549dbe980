// Order and removal in the ready queue.
import { describe, expect, it } from 'vitest';
import { ReadyQueue } from '../../../src/core/ready-queue.ts';
import { StageTable } from '../../../src/core/stage-table.ts';
import { frame, table } from '../../helpers/frames.ts';

describe('ReadyQueue', () => {
  it('gives mandatory frames by deadline, equal ones as they came', () => {
    const queue = new ReadyQueue(table);
    const [late, first, second] = [frame({ deadline: 90 }), frame({ deadline: 10 }), frame({ deadline: 10 })];
    for (const one of [late, first, second]) queue.add(one);
    expect(queue.waiting(1)).toEqual([first, second, late]);
    queue.take(1, [first, second]);
    expect(queue.waiting(1)).toEqual([late]);
  });

  it('gives refinement the frames that are most likely wrong first', () => {
    const buckets = [
      { frames: 1000, right: 300 },
      { frames: 1000, right: 990 },
    ];
    const exits = [0.6, 0.8].map((accuracy) => ({ accuracy, buckets }));
    const queue = new ReadyQueue(new StageTable([0.5, 1], exits, [0.5, 1]));
    const [sure, unsure] = [frame({ stage: 1, confidence: 0.9 }), frame({ stage: 1, confidence: 0.3 })];
    queue.add(sure);
    queue.add(unsure);
    expect(queue.waiting(2)).toEqual([unsure, sure]);
  });

  it('values a frame that was sent back by what lies beyond the answer it has, a share for each stage of the way there', () => {
    const queue = new ReadyQueue(table);
    const plain = frame({ stage: 2 });
    // back at stage 1 with an answer of stage 3: of the way from 1/8 to 1 its next stage is a seventh
    const back = { ...frame({ stage: 3 }), stage: 1 };
    expect(queue.valueOf(plain)).toBeCloseTo(table.gainAfter(2, 0.5), 12);
    expect(queue.valueOf(back)).toBeCloseTo(table.gainAfter(3, 0.5) / 7, 12);
    for (const one of [back, plain]) queue.add(one);
    expect([queue.waiting(2), queue.waiting(3)]).toEqual([[back], [plain]]);
  });

  it('removes the least valuable refinement first and never a mandatory frame', () => {
    const queue = new ReadyQueue(table);
    const [mandatory, good, poor] = [frame(), frame({ stage: 1 }), frame({ stage: 3 })];
    for (const one of [mandatory, good, poor]) queue.add(one);
    expect(queue.removeLeastValue(1, () => true)).toEqual([poor]);
    expect(queue.removeLeastValue(9, () => true)).toEqual([good]);
    expect(queue.removeLeastValue(-1, () => true)).toEqual([]);
    expect(queue.size).toBe(1);
  });
});
