// The networks that are trained keep what they promise: five exits, a cheap first one, costs that rise.
import { describe, expect, it } from 'vitest';
import { passMacs, stageCosts } from '../../../src/network/cost.ts';
import { presetNetwork } from '../../../src/training/presets.ts';

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
  expect(passMacs(stageCosts(presetNetwork('glyphs'), 32)) / 1e6).toBeLessThan(25);
});
