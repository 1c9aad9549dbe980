// A run's folder is named by what decides its result; the runs of one network keep the names they had before there were sequences.
import { expect, it } from 'vitest';
import { chainNetwork, sequenceNetwork } from '../../../src/study/networks.ts';
import { studyPlan } from '../../../src/study/plan.ts';
import { type RunRecipe, runFolder } from '../../../src/study/run-one.ts';
import type { FrameSet } from '../../../src/training/frames.ts';

const PASSES = [0.128, 0.253, 0.377, 0.502, 0.627, 0.751, 0.876, 1];
const networks = {
  chain: chainNetwork(),
  sequences: { again: sequenceNetwork('again'), beside: sequenceNetwork('beside') },
};
const empty = { height: 1, width: 1, pixels: new Uint8Array(), labels: new Uint16Array(3) };
const set: FrameSet = { name: 'd', classes: ['a'], ...empty };
const frames = { train: set, test: set };
const taught = { epochs: 5, batch: 256, flips: true, precision: 'float32', validationShare: 0.05 } as const;
const recipe: RunRecipe = { ...taught, commit: 'c' };
const run = studyPlan(networks, PASSES, [1]).find(({ id }) => id === 'linear-seed-1') as ReturnType<
  typeof studyPlan
>[number];

it('is the same for another commit, and another for whatever decides the result', () => {
  const name = runFolder('out', run, frames, recipe);
  expect(runFolder('out', run, frames, { ...recipe, commit: 'other' })).toBe(name);
  for (const other of [
    { ...run, seed: 2 },
    { ...run, sequence: [8] },
    { ...run, oscillate: true },
  ])
    expect(runFolder('out', other, frames, recipe)).not.toBe(name);
  expect(runFolder('out', run, frames, { ...recipe, epochs: 6 })).not.toBe(name);
  expect(name).toBe('out/linear-seed-1-4c1037aa');
});
