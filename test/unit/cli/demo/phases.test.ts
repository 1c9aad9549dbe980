// The demo's rates: calm fits, the burst asks for more than can be refined, and follows what the machine bears.
import { describe, expect, it } from 'vitest';
import { capacityOf, nextBurstRate, phaseAt, phasesOf, rateOf } from '../../../../src/cli/demo/phases.ts';
import { LatencyModel } from '../../../../src/core/latency-model.ts';

const runs = [1, 2].flatMap((stage) => [1, 8].map((batch) => ({ stage, batch, ms: 1 + stage * batch })));
const capacity = { fullDepth: 100, firstStage: 1000, decode: 2000 };

it('derives the capacity from the measured lines', () => {
  const { fullDepth, firstStage } = capacityOf(new LatencyModel(2, runs), 2, 5);
  expect(fullDepth).toBeCloseTo(1000 / ((1 + 8) / 8 + (1 + 16) / 8), 3);
  expect(firstStage).toBeCloseTo(1000 / ((1 + 16) / 16), 3);
});

it('goes calm, burst, calm, or keeps one rate', () => {
  expect(phasesOf(24_000, false).map(({ name, untilMs }) => [name, untilMs])).toEqual([
    ['calm', 8000],
    ['burst', 16_000],
    ['calm again', 24_000],
  ]);
  expect(phasesOf(5000, true)).toEqual([{ name: 'fixed', untilMs: 5000 }]);
});

it('tells in which phase a frame falls', () => {
  const phases = phasesOf(3000, false);
  expect([0, 1000, 1001, 2500, 9999].map((ms) => phaseAt(phases, ms))).toEqual([0, 0, 1, 2, 2]);
});

describe('rates', () => {
  it('are 60 % of full depth in the calm and 2.5 times what is refined in the burst', () => {
    expect(rateOf('calm', capacity, null)).toBe(60);
    expect(rateOf('burst', capacity, null)).toBe(250);
    expect(rateOf('burst', capacity, 0.5)).toBe(500); // frames end after half a pass, so twice as many fit
    expect(rateOf('calm again', capacity, 0.5)).toBe(60);
  });

  it('never ask for more than stage 1 and decoding can take', () => {
    expect(rateOf('burst', { ...capacity, firstStage: 200 }, 1)).toBe(120);
    expect(rateOf('burst', { ...capacity, decode: 300 }, 1)).toBeCloseTo(105);
    expect(rateOf('calm', { ...capacity, decode: 60 }, 1)).toBeCloseTo(10.5);
  });

  it('go up in a burst while frames are as deep as before, and down when first answers come late', () => {
    const next = (row: Partial<Parameters<typeof nextBurstRate>[1]>) =>
      nextBurstRate(100, { meanDepth: 4, firstP50Ms: 20, firstP99Ms: 50, expired: 0, ...row }, 4, 1000, capacity);
    expect(next({})).toBe(125);
    expect(next({ meanDepth: 2 })).toBe(100);
    expect(next({ firstP50Ms: 150 })).toBe(100);
    expect(next({ firstP99Ms: 700 })).toBe(70);
    expect(next({ expired: 1 })).toBe(70);
    expect(nextBurstRate(590, { meanDepth: 4, firstP50Ms: 5, firstP99Ms: 5, expired: 0 }, 4, 1000, capacity)).toBe(600);
  });
});
