// The study's networks have their exits where the study reads them.
import { expect, it } from 'vitest';
import { passMacs, stageCosts } from '../../../src/network/cost.ts';
import { chainNetwork, sequenceNetwork } from '../../../src/study/networks.ts';

it('has exits at even steps of 4 to 6 MMAC', () => {
  const costs = stageCosts(chainNetwork(), 10);
  expect(passMacs(costs)).toBeGreaterThan(4e6);
  expect(passMacs(costs)).toBeLessThan(6e6);
  costs.forEach(({ passes }, i) => {
    expect(Math.abs(passes - (i + 1) / 8)).toBeLessThan(0.01);
  });
});

it.each(['again', 'beside'] as const)(
  '%s: later networks begin with the frame, and cost about twice as much',
  (form) => {
    const { stages } = sequenceNetwork(form);
    const starts = stages.flatMap(({ takes }, i) => (takes === 'activations' ? [] : [i]));
    expect(starts).toEqual([0, 2, 6]);
    expect(stages[2]?.takes).toBe(form === 'again' ? 'frame' : 'both');
    const costs = stageCosts(sequenceNetwork(form), 10);
    const [one, two, four] = [costs.slice(0, 2), costs.slice(2, 6), costs.slice(6)].map(passMacs) as [
      number,
      number,
      number,
    ];
    expect(Math.abs(two / one - 2)).toBeLessThan(0.15);
    expect(Math.abs(four / two - 2)).toBeLessThan(0.15);
  },
);
