import { expect, it } from 'vitest';
import { unpackRun } from '../../../../src/adapters/tfjs/unpack-run.ts';

it('gives each frame its row of the batch', () => {
  const outputs = unpackRun([7, 9], Float32Array.of(0.25, 0.5, 0.25, 1, 0, 0));
  expect(outputs.map(({ handle, scores }) => [handle, [...scores]])).toEqual([
    [7, [0.25, 0.5, 0.25]],
    [9, [1, 0, 0]],
  ]);
});
