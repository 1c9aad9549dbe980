// The tables from made-up runs whose figures can be worked out by hand.
import { describe, expect, it } from 'vitest';
import { chainNetwork, sequenceNetwork } from '../../../src/study/networks.ts';
import { type StudyRun, studyPlan } from '../../../src/study/plan.ts';
import type { RunRecord } from '../../../src/study/run-one.ts';
import { bestSoFar, studyDocument } from '../../../src/study/study-document.ts';
import { studyFigures } from '../../../src/study/study-figures.ts';

const PASSES = [0.128, 0.253, 0.377, 0.502, 0.627, 0.751, 0.876, 1];
const plan = studyPlan(
  { chain: chainNetwork(), sequences: { again: sequenceNetwork('again'), beside: sequenceNetwork('beside') } },
  PASSES,
  [1, 2],
);

/** Exit e costs e, an oracle is right in 80 %, others in 75 %; with oscillation a point more at seed 1 and three at seed 2. */
function record(run: StudyRun): RunRecord {
  const gained = run.oscillate ? ([0, 0.01, 0.03][run.seed] as number) : 0;
  const accuracy = run.kind === 'opt' ? 0.8 : 0.75 + gained;
  const exits = run.network.stages.map((_, i) => ({
    ...{ macs: i + 1, headMacs: 0.01, validationAccuracy: 0.5, testAccuracy: accuracy },
  }));
  return { id: run.id, seed: run.seed, epochs: 10, commit: 'abc', seconds: 1, exits, earlyExit: [] };
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
  });

  it('draws every figure', () => {
    expect([...studyFigures({ ...study, earlyExit: [{ id: 'a', points: [] }] }).keys()]).toEqual([
      ...['increase-over-opt.svg', 'oscillation.svg', 'sequences.svg', 'early-exit.svg'],
    ]);
  });

  it('says what is missing, and names no winner then', () => {
    const some = new Map([...all].filter(([id]) => !id.startsWith('adaloss') && !id.startsWith('opt-exit-2')));
    const partial = studyDocument(plan, PASSES, some);
    expect(partial.missing).toHaveLength(all.size - some.size);
    expect(partial.winner).toBeNull();
    expect(partial.weightings.find(({ weights }) => weights === 'adaloss')?.meanIncrease).toBeNull();
    expect(studyDocument(plan, PASSES, new Map()).missing).toHaveLength(plan.length);
  });
});

it('reports the best valid answer so far by held-out accuracy, with its test error', () => {
  const exits = [
    { macs: 1, headMacs: 0, validationAccuracy: 0.7, testAccuracy: 0.6 },
    { macs: 2, headMacs: 0, validationAccuracy: 0.5, testAccuracy: 0.9 },
    { macs: 3, headMacs: 0, validationAccuracy: 0.8, testAccuracy: 0.8 },
  ];
  const points = bestSoFar({ id: 'x', seed: 1, epochs: 1, commit: '', seconds: 0, exits, earlyExit: [] });
  expect(points.map(({ cost }) => cost)).toEqual([1, 2, 3]);
  expect(points.map(({ error }) => Math.round(error * 100))).toEqual([40, 40, 20]);
});
