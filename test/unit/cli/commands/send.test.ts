// The ids of frames that come from several paths.
import { expect, it } from 'vitest';
import { uniqueId } from '../../../../src/cli/commands/send.ts';

it.each([
  ['monday/cat.jpg', 'cat.jpg', 'monday/cat.jpg'],
  ['./tuesday//cat.jpg', 'cat.jpg', 'tuesday/cat.jpg'],
  ['cam1/', 'cat/1.jpg', 'cam1/cat/1.jpg'],
  ['cam2', 'cat/1.jpg', 'cam2/cat/1.jpg'],
  ['shard.tar', '0001.jpg', 'shard.tar/0001.jpg'],
])('a frame of %s, which calls it %s, is %s', (path, id, unique) => {
  expect(uniqueId(path, id)).toBe(unique);
});
