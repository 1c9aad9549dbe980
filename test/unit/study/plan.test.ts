// The plan has every comparison the study makes, once a seed.
import { expect, it } from 'vitest';
import { chainNetwork, sequenceNetwork } from '../../../src/study/networks.ts';
import { onlyRuns, quarterExits, studyPlan } from '../../../src/study/plan.ts';

const networks = {
  chain: chainNetwork(),
  sequences: { again: sequenceNetwork('again'), beside: sequenceNetwork('beside') },
};
const PASSES = [0.128, 0.253, 0.377, 0.502, 0.627, 0.751, 0.876, 1];

it('takes the exits nearest to the quarters of the cost', () => {
  expect(quarterExits(PASSES)).toEqual([2, 4, 6, 8]);
  expect(quarterExits([0.3, 1])).toEqual([1, 1, 2, 2]);
});

it('has the oracles, each weighting with and without oscillation, and both sequences, for each seed', () => {
  const plan = studyPlan(networks, PASSES, [1, 2]);
  expect(new Set(plan.map(({ id }) => id)).size).toBe(plan.length);
  for (const seed of [1, 2]) {
    const own = plan.filter((run) => run.seed === seed);
    expect(own.filter(({ kind }) => kind === 'opt').map(({ network }) => network.stages.length)).toEqual([2, 4, 6, 8]);
    expect(own.filter(({ kind }) => kind === 'sequence').map(({ form }) => form)).toEqual(['again', 'beside']);
    const weighted = own.filter(({ kind }) => kind === 'weights');
    for (const weights of ['const', 'linear', 'sieve', 'adaloss']) {
      expect(weighted.filter((run) => run.weights === weights).map(({ oscillate }) => oscillate)).toEqual([
        true,
        false,
      ]);
    }
  }
});

it('can be cut down to runs by how their names begin, which must be the names of some', () => {
  const plan = studyPlan(networks, PASSES, [1, 2]);
  const ids = (...beginnings: string[]) => onlyRuns(plan, beginnings).map(({ id }) => id);
  expect(ids('linear-seed', 'sequence')).toEqual([
    ...['linear-seed-1', 'sequence-again-seed-1', 'sequence-beside-seed-1'],
    ...['linear-seed-2', 'sequence-again-seed-2', 'sequence-beside-seed-2'],
  ]);
  expect(ids('opt')).toHaveLength(8);
  expect(() => ids()).toThrow(/got ""/);
  expect(() => ids('opt', 'lineal')).toThrow(/beginnings of runs.*linear-seed-1.*got "lineal"/);
});
