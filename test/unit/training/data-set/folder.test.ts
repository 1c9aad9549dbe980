import { execFileSync } from 'node:child_process';
import { rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_MAX_BYTES } from '../../../../src/adapters/codec/decode-image.ts';
import { openFolder } from '../../../../src/training/data-set/folder.ts';
import { openDataSet } from '../../../../src/training/data-set/open-data-set.ts';
import { collect } from '../../../helpers/collect.ts';
import { scratchFolder, writeTree } from '../../../helpers/data-set-files.ts';

const open = async (files: Record<string, string>) => {
  const root = await writeTree(await scratchFolder(), files);
  return { root, set: await openFolder(root) };
};

describe('openFolder', () => {
  it('reads a folder per class, going round the classes', async () => {
    const { root, set } = await open({
      'dog/b.jpg': 'd2',
      'dog/a.jpg': 'd1',
      'cat/2.PNG': 'c2',
      'cat/10.png': 'c1',
      'cat/3.webp': 'c3',
      'cat/notes.txt': 'no image',
      'cat/.hidden.png': 'no image',
      'cat/older/1.png': 'inside a class',
      'empty/readme.md': 'no class',
      'README.md': 'no class either',
    });
    expect(set).toMatchObject({ classes: ['cat', 'dog'], count: 5 });
    expect(set.ignored.map(({ path }) => path)).toEqual(
      ['cat/older', 'cat/notes.txt', 'empty', 'empty/readme.md'].map((name) => join(root, name)),
    );
    const frames = await collect(set.frames());
    expect(frames.map(({ id, label, bytes }) => [id, label, bytes.toString()])).toEqual([
      ['cat/10.png', 'cat', 'c1'],
      ['dog/a.jpg', 'dog', 'd1'],
      ['cat/2.PNG', 'cat', 'c2'],
      ['dog/b.jpg', 'dog', 'd2'],
      ['cat/3.webp', 'cat', 'c3'],
    ]);
    expect(frames[0]?.path).toBe(join(root, 'cat/10.png'));
    expect(await collect(set.frames())).toHaveLength(5);
  });

  it('reads images side by side without labels', async () => {
    const { set } = await open({ 'b.jpg': 'b', 'a.tiff': 'a', 'x.txt': 'no image' });
    expect(set).toMatchObject({ classes: null, count: 2 });
    const frames = await collect(set.frames());
    expect(frames.map(({ id, label }) => [id, label])).toEqual([
      ['a.tiff', null],
      ['b.jpg', null],
    ]);
  });

  it('reads more files than it reads ahead, in order', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `${String(i).padStart(3, '0')}.jpg`);
    const { set } = await open(Object.fromEntries(names.map((name) => [name, name])));
    const frames = await collect(set.frames());
    expect(frames.map(({ bytes }) => bytes.toString())).toEqual(names);
  });

  it('refuses a folder without images and points to the right one', async () => {
    await expect(open({ 'test/cat/1.jpg': '', 'train/cat/1.jpg': '' })).rejects.toMatchObject({
      code: 'bad-data-set',
      message: expect.stringMatching(/Expected .* one folder of images per class.*did you mean .*test\?$/),
    });
    await expect(openFolder(await scratchFolder())).rejects.toMatchObject({ code: 'bad-data-set' });
  });

  it('says which file cannot be read, or leaves it out and goes on', async () => {
    const { root, set } = await open({ 'cat/1.png': 'c1', 'cat/2.png': 'c2', 'dog/1.png': 'd1' });
    await rm(join(root, 'dog/1.png'));
    const reason = expect.stringMatching(/Expected .*dog.1\.png to be a file that can be read, got: ENOENT/);
    await expect(collect(set.frames())).rejects.toMatchObject({ code: 'bad-data-set', message: reason });
    const leftOut: unknown[] = [];
    const frames = await collect(set.frames((one) => leftOut.push(one)));
    expect(frames.map(({ id }) => id)).toEqual(['cat/1.png', 'cat/2.png']);
    expect(leftOut).toEqual([{ path: join(root, 'dog/1.png'), reason }]);
  });

  it('takes a link to a folder for the folder, as a class too', async () => {
    const root = await writeTree(await scratchFolder(), { 'set/cat/1.jpg': 'c1', 'else/dogs/1.jpg': 'd1' });
    await symlink(join(root, 'else/dogs'), join(root, 'set/dog'));
    await symlink(join(root, 'nowhere'), join(root, 'set/gone'));
    await symlink(join(root, 'else'), join(root, 'set/cat/link'));
    const set = await openFolder(join(root, 'set'));
    expect(set).toMatchObject({ classes: ['cat', 'dog'], count: 2 });
    expect((await collect(set.frames())).map(({ id, bytes }) => [id, String(bytes)])).toEqual([
      ['cat/1.jpg', 'c1'],
      ['dog/1.jpg', 'd1'],
    ]);
    expect(set.ignored).toEqual([
      { path: join(root, 'set/cat/link'), reason: 'Expected an image, got a folder inside that of a class' },
    ]);
  });

  it('refuses class folders and loose images together', async () => {
    await expect(open({ 'cat/1.jpg': '', 'loose.jpg': '' })).rejects.toThrow(
      /either class folders or images, got both/,
    );
  });

  it('reads no pipe and no device, linked to or not, and of a long file no more than an image may have', async () => {
    const { root, set: _ } = await open({ 'cat/good.png': 'c1' });
    execFileSync('mkfifo', [join(root, 'cat', 'pipe.png')]);
    await symlink('/dev/zero', join(root, 'cat', 'zero.png'));
    await symlink(join(root, 'cat', 'good.png'), join(root, 'cat', 'link.png'));
    await symlink(join(root, 'nowhere'), join(root, 'cat', 'broken.png'));
    await writeFile(join(root, 'cat', 'sparse.png'), '');
    await truncate(join(root, 'cat', 'sparse.png'), 3e9);
    const set = await openFolder(root);
    expect(set.ignored.map(({ path }) => path).sort()).toEqual(
      ['broken', 'pipe', 'zero'].map((name) => join(root, 'cat', `${name}.png`)),
    );
    const frames = await collect(set.frames());
    expect(frames.map(({ id, bytes }) => [id, bytes.length])).toEqual([
      ['cat/good.png', 2],
      ['cat/link.png', 2],
      ['cat/sparse.png', DEFAULT_MAX_BYTES + 1], // the decoder refuses it
    ]);
    await expect(openDataSet(join(root, 'cat', 'pipe.png'))).rejects.toThrow(/got a pipe or a device/);
  });
});
