// Files are whole or not there, and several are replaced together.
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeTogether, writeWhole } from '../../../src/network/write-whole.ts';
import { scratchFolder } from '../../helpers/data-set-files.ts';

it('writes the parts one after another, over what was there', async () => {
  const path = join(await scratchFolder(), 'file');
  await writeWhole(path, 'longer than the next');
  await writeWhole(path, 'one ', Buffer.from('two'));
  expect(await readFile(path, 'utf8')).toBe('one two');
});

it('replaces none where one cannot be written, leaves nothing beside them, and says which', async () => {
  const folder = await scratchFolder();
  const [first, second] = [join(folder, 'first'), join(folder, 'nowhere', 'second')];
  await writeFile(first, 'old');
  const writing = writeTogether({ path: first, parts: ['new'] }, { path: second, parts: ['new'] });
  await expect(writing).rejects.toMatchObject({
    code: 'cannot-write',
    message: expect.stringContaining(`Expected a place to write ${second}, got: ENOENT`),
  });
  expect(await readFile(first, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['first']);
});

it('removes what a killed process left beside it long ago, and nothing else', async () => {
  const folder = await scratchFolder();
  const names = ['file.0123.unfinished', 'file.4567.unfinished', 'other.0123.unfinished', 'file.0123'];
  for (const name of names) await writeFile(join(folder, name), 'x');
  for (const name of names.filter((name) => name !== 'file.4567.unfinished'))
    await utimes(join(folder, name), new Date(0), new Date(0));
  await writeWhole(join(folder, 'file'), 'whole');
  expect(await readdir(folder)).toEqual(['file', 'file.0123', 'file.4567.unfinished', 'other.0123.unfinished']);
});
