// Files are whole or not there, and several are replaced together.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
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
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  await writeFile(first, 'old');
  await mkdir(`${second}.${process.pid}.unfinished/in the way`, { recursive: true });
  const writing = writeTogether({ path: first, parts: ['new'] }, { path: second, parts: ['new'] });
  await expect(writing).rejects.toMatchObject({
    code: 'bad-argument',
    message: expect.stringContaining(`Expected a place to write ${second}, got: EISDIR`),
  });
  expect(await readFile(first, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['first', `second.${process.pid}.unfinished`]);
});
