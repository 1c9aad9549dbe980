// A truncated network is the first stages of the whole one, and says so in its name.
import { expect, it } from 'vitest';
import { stageCosts } from '../../../src/network/cost.ts';
import { presetNetwork } from '../../../src/training/presets.ts';
import { truncated } from '../../../src/training/truncated.ts';

const network = presetNetwork('cifar10');

it.each([1, 3])('keeps the first %i stages and their cost', (stages) => {
  const cut = truncated(network, stages);
  expect(cut.stages).toEqual(network.stages.slice(0, stages));
  expect(cut.name).not.toBe(network.name);
  const macs = (costs: ReturnType<typeof stageCosts>) => costs.slice(0, stages).map((cost) => cost.macs);
  expect(macs(stageCosts(cut, 10))).toEqual(macs(stageCosts(network, 10)));
});

it('is the network itself when nothing is cut', () => {
  expect(truncated(network, network.stages.length)).toBe(network);
});

it.each([0, 99, 1.5])('refuses %d stages', (stages) => {
  expect(() => truncated(network, stages)).toThrow(new RegExp(`Expected \`stages\` to be 1 to .*, got ${stages}`));
});
