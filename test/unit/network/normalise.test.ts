import { expect, it } from 'vitest';
import { createNormaliser } from '../../../src/network/normalise.ts';

it('turns pixels into (pixel / 255 − mean) / std per channel, at the place asked for', () => {
  const normalise = createNormaliser({ mean: [0.5, 0.25, 0], std: [0.5, 0.25, 2] });
  const target = new Float32Array(8).fill(9);
  normalise(Uint8Array.of(0, 0, 0, 255, 51, 102), target, 1);
  expect([...target]).toEqual([9, -1, -1, 0, 1, ...[(0.2 - 0.25) / 0.25, 0.2].map(Math.fround), 9]);
});
