// One thing, and several.
import { expect, it } from 'vitest';
import { counted } from '../../../src/cli/counted.ts';

it('takes an s except for one', () => {
  expect([0, 1, 2, 0.5].map((count) => counted(count, 'point'))).toEqual([
    '0 points',
    '1 point',
    '2 points',
    '0.5 points',
  ]);
});
