// The curves: exits and early exit from the evaluation, OPT where given, published networks for CIFAR-10's classes only.
import { expect, it } from 'vitest';
import { accuracyCostSection, linesOf } from '../../../../src/evaluation/report/accuracy-cost.ts';
import { reportInput } from '../../../helpers/report-input.ts';

const CIFAR10 = ['truck', 'airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship'];

it('has a point for every exit and every threshold, ascending in cost', async () => {
  const input = await reportInput({ exits: 4, frames: 60, classes: ['a', 'b'] });
  const [exits, early, ...others] = linesOf(input);
  expect(others).toEqual([]);
  expect(exits?.points.map(([, y]) => y)).toEqual(
    input.evaluation.exits.map(({ accuracy }) => Math.round(1e5 * accuracy) / 1e3),
  );
  expect(early?.points).toHaveLength(input.evaluation.thresholds.length);
  for (const line of [exits, early]) {
    const costs = line?.points.map(([x]) => x) ?? [];
    expect(costs).toEqual([...costs].sort((a, b) => a - b));
  }
});

it('draws OPT where a study gives it', async () => {
  const input = await reportInput({ exits: 2, frames: 30, classes: ['a', 'b'] });
  const withOpt = { ...input, opt: [{ macs: 2e6, accuracy: 0.75 }] };
  expect(linesOf(withOpt).at(-1)).toEqual({ name: 'OPT', points: [[2, 75]] });
  expect(accuracyCostSection(withOpt).text).toContain('<b>OPT</b>');
  expect(accuracyCostSection(withOpt).text).toContain('for that exit alone. ');
  expect(accuracyCostSection({ ...withOpt, optNetwork: 'study-chain' }).text).toContain(
    'of the network study-chain, on',
  );
  expect(accuracyCostSection(input).text).not.toContain('OPT');
});

it('sets published curves beside CIFAR-10 classes in any order, said to be read off, and beside nothing else', async () => {
  const text = accuracyCostSection(await reportInput({ exits: 2, frames: 30, classes: CIFAR10 })).text;
  expect(text).toContain('MSDNet (read off)');
  expect(text).toContain('RANet (read off)');
  expect(text).toContain('lossless CIFAR-10');
  const other = accuracyCostSection(await reportInput({ exits: 2, frames: 30, classes: ['cat', 'dog'] })).text;
  expect(other).not.toMatch(/MSDNet|RANet/);
});
