// The tables from made-up runs whose figures can be worked out by hand.
import { describe, expect, it } from 'vitest';
import { chainNetwork, sequenceNetwork } from '../../../src/study/networks.ts';
import { type StudyRun, studyPlan } from '../../../src/study/plan.ts';
import type { RunRecord } from '../../../src/study/run-record.ts';
import { bestSoFar, measuredRatio, studyDocument } from '../../../src/study/study-document.ts';
import { studyFigures } from '../../../src/study/study-figures.ts';

const PASSES = [0.128, 0.253, 0.377, 0.502, 0.627, 0.751, 0.876, 1];
const plan = studyPlan(
  { chain: chainNetwork(), sequences: { again: sequenceNetwork('again'), beside: sequenceNetwork('beside') } },
  PASSES,
  [1, 2],
);

const MADE = { commit: 'abc', seconds: 1, frames: { train: 'a', test: 'b' } };

/** Exit e costs e, an oracle is right in 80 %, others in 75 %; with oscillation a point more at seed 1 and three at seed 2. */
function record(run: StudyRun): RunRecord {
  const gained = run.oscillate ? ([0, 0.01, 0.03][run.seed] as number) : 0;
  const accuracy = run.kind === 'opt' ? 0.8 : 0.75 + gained;
  const exits = run.network.stages.map((_, i) => ({
    ...{ macs: i + 1, headMacs: 0.01, validationAccuracy: 0.5, testAccuracy: accuracy },
  }));
  const [one, own] = [0.7, 0.7 + run.seed / 100];
  const earlyExit = [0.2, 0.5].map((averageBudget) => ({
    ...{ averageBudget, minConfidence: 0.8, meanPasses: averageBudget, testAccuracy: one },
    perExit: { minConfidence: [0.9, 0], meanPasses: averageBudget, testAccuracy: own },
  }));
  return { id: run.id, seed: run.seed, ...MADE, epochs: 10, exits, earlyExit };
}
const all = new Map(plan.map((run) => [run.id, record(run)]));

describe('studyDocument', () => {
  const study = studyDocument(plan, PASSES, all);

  it('tells the relative increase of the error over OPT', () => {
    const plain = study.weightings.find(({ weights, oscillate }) => weights === 'const' && !oscillate);
    for (const spread of plain?.increase ?? []) expect(spread?.mean).toBeCloseTo(0.25, 9); // 0.25 against 0.20
    const oscillating = study.weightings.find(({ weights, oscillate }) => weights === 'const' && oscillate);
    expect(oscillating?.meanIncrease).toBeCloseTo(0.15, 9); // 0.24 and 0.22 against 0.20
    expect(study.missing).toEqual([]);
    expect(study.winner?.oscillate).toBe(true);
  });

  it('has what a part of the plan can tell, and figures of it', () => {
    const part = plan.filter(({ id }) => /^(opt|sequence|linear-seed)/.test(id));
    const partly = studyDocument(part, PASSES, all);
    expect(partly).toMatchObject({
      missing: [],
      opt: study.opt,
      sequences: study.sequences,
      winner: { weights: 'linear' },
    });
    expect([...studyFigures(partly).keys()]).toContain('sequences.svg');
    const least = studyDocument(
      plan.filter(({ kind }) => kind === 'sequence'),
      PASSES,
      all,
    );
    expect(least).toMatchObject({ missing: [], opt: [], weightings: [], winner: null });
    expect(studyFigures(least).get('sequences.svg')).toContain('svg');
  });

  it('says whether the winner is what the shipped models use', () => {
    // All weightings with oscillation are level here: the first of the plan, which is the shipped one, is named.
    expect(study.winner).toMatchObject({ weights: 'sieve', isShipped: true, shipped: { weights: 'sieve' } });
    const better = new Map(all);
    for (const [id, own] of all)
      if (id.startsWith('linear-seed'))
        better.set(id, { ...own, exits: own.exits.map((exit) => ({ ...exit, testAccuracy: 0.9 })) });
    const other = studyDocument(plan, PASSES, better).winner;
    expect(other).toMatchObject({
      weights: 'linear',
      oscillate: false,
      isShipped: false,
      shipped: { oscillate: true },
    });
    expect(other?.meanIncrease).toBeCloseTo(-0.5, 9);
  });

  it('tells what one threshold per exit adds, over weightings and seeds', () => {
    expect(study.perExitGain.map(({ averageBudget }) => averageBudget)).toEqual([0.2, 0.5]);
    for (const { gain } of study.perExitGain) {
      expect(gain.values).toHaveLength(plan.filter(({ kind }) => kind === 'weights').length);
      expect(gain.mean).toBeCloseTo(0.015, 9);
    }
    expect(study.earlyExit[0]?.points[1]?.perExit).toMatchObject({ minConfidence: [0.9, 0], testAccuracy: 0.71 });
  });

  it('tells what oscillation adds with its spread', () => {
    for (const { exits } of study.oscillation) {
      expect(exits).toHaveLength(8);
      expect(exits[0]?.mean).toBeCloseTo(0.02, 9);
      expect(exits[0]?.deviation).toBeCloseTo(Math.SQRT2 * 0.01, 9);
    }
  });

  it('sets the last exit beside the network trained for it alone', () => {
    expect(study.heads.plain?.mean).toBeCloseTo(0.8, 9);
    expect(study.heads.extraMacs).toBeCloseTo(0.07 / 8, 9);
    expect(study.heads.time).toBeNull();
    const time = { engine: 'e', network: 'n', classes: 10, batch: 32, rounds: 3, allHeadsMs: 11, lastHeadMs: 10 };
    const measured = { ...time, extraMs: 1, ratio: 1.1 };
    expect(studyDocument(plan, PASSES, all, measured).heads.time).toEqual(measured);
  });

  it('draws every figure', () => {
    expect([...studyFigures(study).keys()]).toEqual([
      ...['increase-over-opt.svg', 'oscillation.svg', 'sequences.svg', 'early-exit.svg', 'early-exit-thresholds.svg'],
    ]);
  });

  it('has no figure beside an OPT without an error, and all the others', () => {
    const perfect = new Map(all);
    const own = all.get('opt-exit-2-seed-1') as RunRecord;
    perfect.set(own.id, { ...own, exits: own.exits.map((exit) => ({ ...exit, testAccuracy: 1 })) });
    const partly = studyDocument(plan, PASSES, perfect);
    expect(partly).toMatchObject({ missing: [], winner: null });
    for (const [at, { increase, meanIncrease }] of partly.weightings.entries()) {
      expect([increase[0], meanIncrease]).toEqual([null, null]);
      expect(increase.slice(1)).toEqual(study.weightings[at]?.increase.slice(1));
    }
    expect([...studyFigures(partly).keys()]).toContain('increase-over-opt.svg');
  });

  it('says what is missing, and names no winner then', () => {
    const some = new Map([...all].filter(([id]) => !id.startsWith('adaloss') && !id.startsWith('opt-exit-2')));
    const partial = studyDocument(plan, PASSES, some);
    expect(partial.missing).toHaveLength(all.size - some.size);
    expect(partial.winner).toBeNull();
    expect(partial.weightings.find(({ weights }) => weights === 'adaloss')?.meanIncrease).toBeNull();
    for (const lacking of ['const-oscillating-seed-2', 'opt-exit-2-seed-1']) {
      const uneven = studyDocument(plan, PASSES, new Map([...all].filter(([id]) => id !== lacking)));
      expect(uneven).toMatchObject({ missing: [lacking], winner: null });
    }
    expect(studyDocument(plan, PASSES, new Map()).missing).toHaveLength(plan.length);
  });
});

it('reports the best valid answer so far by held-out accuracy, with its test error', () => {
  const exits = [
    { macs: 1, headMacs: 0, validationAccuracy: 0.7, testAccuracy: 0.6 },
    { macs: 2, headMacs: 0, validationAccuracy: 0.5, testAccuracy: 0.9 },
    { macs: 3, headMacs: 0, validationAccuracy: 0.8, testAccuracy: 0.8 },
  ];
  const points = bestSoFar({ id: 'x', seed: 1, ...MADE, epochs: 1, exits, earlyExit: [] });
  expect(points.map(({ cost }) => cost)).toEqual([1, 2, 3]);
  expect(points.map(({ error }) => Math.round(error * 100))).toEqual([40, 40, 20]);
});

it('compares a sequence with OPT as far as OPT was measured', () => {
  const points = [
    { cost: 1, error: 0.5 },
    { cost: 2, error: 0.4 },
    { cost: 8, error: 0.1 },
  ];
  const opt = [
    { cost: 1, error: 0.4 },
    { cost: 4, error: 0.2 },
  ];
  // From 1 to 2 it has 0.5, worse than OPT's first at cost 1: C = B. From 2 on it is as good as that: C stays 1 until OPT is better, at 4.
  expect(measuredRatio(points, opt)).toMatchObject({ worst: 2, from: 1, to: 4 });
  expect(measuredRatio(points, opt.slice(0, 1))).toBeNull();
  expect(measuredRatio(points.slice(0, 1), opt)).toBeNull();
});
