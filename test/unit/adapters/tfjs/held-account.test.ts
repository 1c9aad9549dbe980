import { expect, it } from 'vitest';
import { HeldAccount } from '../../../../src/adapters/tfjs/held-account.ts';

it('counts what each frame holds after its latest stage', () => {
  const account = new HeldAccount([100, 40, 0]);
  account.begin(1);
  account.begin(2);
  expect([account.handles, account.bytes]).toEqual([2, 0]);
  account.ran(1, 1);
  account.ran(2, 1);
  account.ran(2, 2);
  expect(account.bytes).toBe(140);
  account.release(1);
  account.release(1);
  account.ran(1, 2);
  expect([account.handles, account.bytes]).toEqual([1, 40]);
  account.clear();
  expect([account.handles, account.bytes]).toEqual([0, 0]);
});
