import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataSet } from '../../../../src/training/data-set/open-data-set.ts';
import { collect } from '../../../helpers/collect.ts';
import { scratchFolder, tarOf, writeTree } from '../../../helpers/data-set-files.ts';

describe('openDataSet', () => {
  it('opens class folders, a tar, and a single image', async () => {
    const root = await writeTree(await scratchFolder(), {
      'set/cat/1.jpg': 'A',
      'one.tar': await tarOf([['dog/2.jpg', 'B']]),
      'three.jpg': 'C',
    });
    const ids = async (name: string) => {
      const set = await openDataSet(join(root, name));
      return (await collect(set.frames())).map(({ id, label }) => `${id}=${label}`);
    };
    expect(await ids('set')).toEqual(['cat/1.jpg=cat']);
    expect(await ids('one.tar')).toEqual(['dog/2.jpg=dog']);
    expect(await ids('three.jpg')).toEqual(['three.jpg=null']);
    expect(await openDataSet(join(root, 'three.jpg'))).toMatchObject({ count: 1, classes: null });
  });

  it('opens a folder of shards in name order and keeps their ids apart', async () => {
    const root = await writeTree(await scratchFolder(), {
      'b.tar': await tarOf([['dog/1.jpg', 'B']]),
      'a.tar': await tarOf([['dog/1.jpg', 'A']]),
      'a.json': '{}',
      '._a.tar': 'what a Mac leaves beside it',
    });
    const frames = await collect((await openDataSet(root)).frames());
    expect(frames.map(({ id, bytes }) => [id, String(bytes)])).toEqual([
      ['a.tar/dog/1.jpg', 'A'],
      ['b.tar/dog/1.jpg', 'B'],
    ]);
  });

  it('tells what a tar holds beside its frames once they are read, the same again when read again', async () => {
    const tar = await tarOf([
      ['1.cls', 'a'],
      ['1.left.jpg', 'A'],
      ['1.right.jpg', 'B'],
    ]);
    const root = await writeTree(await scratchFolder(), { 'x.tar': tar });
    const set = await openDataSet(join(root, 'x.tar'));
    for (let round = 0; round < 2; round++) {
      await collect(set.frames());
      expect(set.ignored.map(({ path }) => path)).toEqual([`${join(root, 'x.tar')}:1.right.jpg`]);
    }
  });

  it.each(['cat/1.jpg', '1.jpg'])('refuses tar shards beside images: %s', async (image) => {
    const tar = await tarOf([['dog/1.jpg', 'B']]);
    const root = await writeTree(await scratchFolder(), { 'x.tar': tar, [image]: 'A', 'notes/1.txt': 'no image' });
    await expect(openDataSet(root)).rejects.toMatchObject({
      code: 'bad-data-set',
      message: `Expected ${root} to hold either tar shards or images, got both: 1 tar shards and ${join(root, image)}`,
    });
  });

  it('refuses what is not there and what it cannot read', async () => {
    const root = await writeTree(await scratchFolder(), { 'notes.txt': 'hello' });
    for (const name of ['absent', 'notes.txt']) {
      await expect(openDataSet(join(root, name))).rejects.toMatchObject({
        code: 'bad-data-set',
        message: expect.stringMatching(/^Expected a folder, an image or a tar at .*, got /),
      });
    }
  });
});
