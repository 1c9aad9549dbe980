// What the machine brings: Node by its version, the bundle by reading all of it.
import { expect, it } from 'vitest';
import { checkBundle, checkNode } from '../../../../src/cli/doctor/check-machine.ts';
import { EVERY_KIND, randomBundle, withBundleFolder } from '../../../helpers/random-bundle.ts';

it.each([
  ['20.19.0', 'ok'],
  ['24.1.0', 'ok'],
  ['20.18.9', 'fail'],
  ['18.20.0', 'fail'],
])('Node %s is %s', (version, state) => {
  expect(checkNode(version).state).toBe(state);
});

it('reads the whole bundle', async () => {
  await withBundleFolder(randomBundle(EVERY_KIND, 1), async (folder) => {
    expect(await checkBundle(folder)).toMatchObject({ state: 'ok', advice: null });
  });
  expect(await checkBundle('nowhere')).toMatchObject({ state: 'fail', found: expect.stringContaining('nowhere') });
});
