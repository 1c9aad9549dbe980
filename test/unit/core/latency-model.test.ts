// The latency model finds the line behind the runs, follows a machine that changes, and stays sane on odd input.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatencyModel } from '../../../src/core/latency-model.ts';
import { latencyOf } from '../../helpers/frames.ts';

describe('LatencyModel', () => {
  it('finds a and c of the warm-up', () => {
    const model = latencyOf(4, 0.5);
    expect(model.line(2).fixedMs).toBeCloseTo(4, 6);
    expect(model.line(2).perFrameMs).toBeCloseTo(0.5, 6);
    expect(model.predict(2, 10)).toBeCloseTo(9, 6);
  });

  it('follows a machine that became three times slower', () => {
    const model = latencyOf(1, 1);
    for (let i = 0; i < 200; i++) model.observe(1, 1 + (i % 16), 3 + 3 * (1 + (i % 16)));
    expect(model.predict(1, 8)).toBeGreaterThan(0.9 * 27);
    expect(model.predict(2, 8)).toBeCloseTo(9, 6);
  });

  it('keeps its slope when only one batch size occurs', () => {
    const model = latencyOf(2, 1);
    for (let i = 0; i < 500; i++) model.observe(1, 4, 6);
    expect(model.line(1).perFrameMs).toBeGreaterThan(0.8);
    expect(model.predict(1, 4)).toBeCloseTo(6, 1);
  });

  it('holds for about a/c frames, at most half the largest batch, at least one', () => {
    expect(latencyOf(4, 1).hold(32)).toBe(4);
    expect(latencyOf(400, 1).hold(32)).toBe(16);
    expect(latencyOf(0, 1).hold(32)).toBe(1);
  });

  it('finds the largest batch within a time', () => {
    const model = latencyOf(4, 1);
    expect(model.largestBatch(1, 14, 32)).toBe(10);
    expect(model.largestBatch(1, 1000, 32)).toBe(32);
    expect(model.largestBatch(1, 0, 32)).toBe(1);
  });

  it('has the 95th percentile of what runs take beyond the prediction as margin', () => {
    const model = latencyOf(0, 1);
    expect(model.marginMs(1)).toBe(0);
    for (let i = 0; i < 100; i++) model.observe(1, 10, i % 10 === 9 ? 30 : 10);
    expect(model.marginMs(1)).toBeGreaterThan(10);
  });

  it('takes no margin from one run that was held up', () => {
    const model = latencyOf(0, 1);
    model.observe(1, 1, 1100);
    expect(model.marginMs(1)).toBe(0);
    model.observe(1, 1, 1100);
    expect(model.marginMs(1)).toBeGreaterThan(500);
  });

  it('is doubted a second after the last run, the more the longer, but for the fastest of the latest runs', () => {
    const model = new LatencyModel(2, [{ stage: 1, batch: 1, ms: 800 }], 5000);
    expect([5000, 6000, 7000, 8000].map((now) => model.neededMs(1, now))).toEqual([800, 800, 200, 100]);
    model.observe(1, 1, 800, 9000);
    model.observe(1, 1, 300, 9000);
    const needed = model.predict(1, 1) + model.marginMs(1);
    expect([9000, 10_000, 8500].map((now) => model.neededMs(1, now))).toEqual([needed, needed, needed]);
    expect(model.neededMs(1, 11_000)).toBe(300);
    expect(model.neededMs(1, 60_000)).toBe(300);
    expect(model.neededMs(1, 3000)).toBe(300); // the clock was set back: not for so long believed as that
  });

  it('believes a run that was tried against it, and took far less', () => {
    const model = latencyOf(0, 100);
    for (let i = 0; i < 40; i++) model.observe(1, 1, i % 2 === 0 ? 100 : 400);
    model.observe(1, 1, 250, 0, true); // not so much less
    expect(model.predict(1, 1) + model.marginMs(1)).toBeGreaterThan(300);
    model.observe(1, 1, 2, 0, true);
    expect(model.predict(1, 1)).toBeCloseTo(2, 0);
    expect(model.marginMs(1)).toBeLessThan(1);
    expect(model.predict(1, 8)).toBeLessThan(20);
    expect(model.predict(2, 1)).toBeCloseTo(100, 6);
  });

  it('never predicts a negative or endless time', () => {
    const run = fc.record({
      stage: fc.constant(1),
      batch: fc.integer({ min: 1, max: 64 }),
      ms: fc.double({ min: 0, max: 1e4, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 20 }), fc.array(run, { maxLength: 40 }), (warm, later) => {
        const model = new LatencyModel(1, warm);
        for (const { batch, ms } of later) model.observe(1, batch, ms);
        for (const batch of [1, 7, 64]) {
          expect(model.predict(1, batch)).toBeGreaterThanOrEqual(0);
          expect(model.predict(1, batch)).toBeLessThan(1e7);
        }
      }),
    );
  });
});
