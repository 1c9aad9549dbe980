// The networks that are trained keep what they promise: five exits, a cheap first one, costs that rise.
import { describe, expect, it } from 'vitest';
import { passMacs, stageCosts } from '../../../src/network/cost.ts';
import { type Preset, presetNetwork } from '../../../src/training/presets.ts';

describe.each(['cifar10', 'glyphs'] as const)('preset %s', (preset) => {
  it.each([16, 32, 64])('has five exits, the first at most an eighth of the cost, at width %i', (width) => {
    const costs = stageCosts(presetNetwork(preset, width), 10);
    expect(costs.length).toBeGreaterThanOrEqual(5);
    expect(costs[0]?.passes).toBeLessThanOrEqual(1 / 8);
    for (const { macs } of costs) expect(macs).toBeGreaterThan(0);
  });
});

it('costs what its docstring says', () => {
  expect(passMacs(stageCosts(presetNetwork('cifar10'), 10)) / 1e6).toBeCloseTo(125, 0);
  const costs = (preset: Preset) => stageCosts(presetNetwork(preset), 10);
  expect(passMacs(costs('glyphs')) / 1e6).toBeLessThan(40);
  const upTo = costs('cifar10-eann').map((_, i, all) => passMacs(all.slice(0, i + 1)) / 1e6);
  for (const [exit, macs] of [9.1, 19, 26.3, 43.6, 58.3].entries()) expect(upTo[exit]).toBeCloseTo(macs, 0);
});

it('sequences: the second and third network of cifar10-eann look at the frame again beside what was known before', () => {
  expect(presetNetwork('cifar10-eann').stages.map(({ takes }) => takes)).toEqual([
    'frame',
    'both',
    'activations',
    'both',
    'activations',
  ]);
});
