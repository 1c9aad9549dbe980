// Setting up again what is set up: says so at once and changes nothing. (From nothing it is run by the CI script.)
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { hasNative } from '../../helpers/native.ts';

it.skipIf(!(await hasNative()))('is done at once when the library works', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/setup-tensorflow.ts'], {
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({
    status: 0,
    stdout: 'The native TensorFlow library works.\n',
    stderr: '',
  });
});
