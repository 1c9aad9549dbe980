import { describe, expect, it } from 'vitest';
import { NetworkSchema } from '../../../src/network/config.ts';
import { passesAt, passMacs, stageCosts } from '../../../src/network/cost.ts';

const network = NetworkSchema.parse({
  name: 'n',
  input: { height: 8, width: 8, channels: 3 },
  stages: [
    { takes: 'frame', frame: [{ kind: 'conv', out: 4, stride: 2 }] },
    { takes: 'activations', trunk: [{ kind: 'conv', out: 8, pool: 2 }, { kind: 'residual' }] },
  ],
});
const costs = stageCosts(network, 10);

describe('stageCosts', () => {
  it('counts a convolution where it runs, before its pool', () => {
    expect(costs[0]).toMatchObject({ macs: 4 * 4 * 9 * 3 * 4, headMacs: 40, activations: [4, 4, 4] });
    expect(costs[1]).toMatchObject({
      macs: 4 * 4 * 9 * 4 * 8 + 2 * (2 * 2 * 9 * 8 * 8),
      headMacs: 80,
      activations: [2, 2, 8],
    });
  });

  it('makes full depth one pass, heads included', () => {
    const first = 1728 + 40;
    const all = first + 4608 + 4608 + 80;
    expect(passMacs(costs)).toBe(all);
    expect(costs.map(({ passes }) => passes)).toEqual([first / all, 1]);
  });
});

describe('passesAt', () => {
  it('is nothing before stage 1 and refuses a stage that is not there', () => {
    expect(passesAt(costs, 0)).toBe(0);
    expect(passesAt(costs, 2)).toBe(1);
    expect(() => passesAt(costs, 3)).toThrow('Expected a stage from 0 to 2, got 3');
  });
});
