import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { LeftOut } from '../../../../src/training/data-set/frame.ts';
import { tarFrames } from '../../../../src/training/data-set/tar.ts';
import { collect } from '../../../helpers/collect.ts';
import { scratchFolder, tarOf, writeTree } from '../../../helpers/data-set-files.ts';

const read = async (bytes: Buffer, name = 'x.tar') => {
  const root = await writeTree(await scratchFolder(), { [name]: bytes });
  return await collect(tarFrames(join(root, name)));
};
const brief = (frames: Awaited<ReturnType<typeof read>>) =>
  frames.map(({ id, label, bytes }) => [id, label, String(bytes)]);

describe('tarFrames', () => {
  it('reads WebDataset samples, whatever the order of their parts', async () => {
    const tar = await tarOf([
      ['a1.jpg', 'A'],
      ['a1.cls', '3\n'],
      ['a2.cls', 'cat'],
      ['a2.png', 'B'],
      ['a3.json', '{"label": "dog", "width": 4}'],
      ['a3.webp', 'C'],
      ['a4.jpg', 'D'],
      ['a4.json', '{"cls": 7}'],
      ['a5.jpg', 'E'],
      ['a6.txt', 'a caption, no image'],
      ['a7.left.jpg', 'F'],
      ['a7.cls', 'two'],
      ['owl/a8.cls', '\n'],
      ['owl/a8.jpg', 'G'],
      ['a9.json', '{"label": ""}'],
      ['a9.jpg', 'H'],
    ]);
    expect(brief(await read(tar))).toEqual([
      ['a1.jpg', '3', 'A'],
      ['a2.png', 'cat', 'B'],
      ['a3.webp', 'dog', 'C'],
      ['a4.jpg', '7', 'D'],
      ['a5.jpg', null, 'E'],
      ['a7.left.jpg', 'two', 'F'],
      ['owl/a8.jpg', 'owl', 'G'], // an empty word is no class
      ['a9.jpg', null, 'H'],
    ]);
  });

  it('takes the folder as the label of class folders in a tar', async () => {
    const tar = await tarOf([
      ['./set/cat/1.jpg', 'A'],
      ['./set/dog/1.jpg', 'B'],
      ['./set/dog/.DS_Store', ''],
    ]);
    const frames = await read(tar);
    expect(brief(frames)).toEqual([
      ['set/cat/1.jpg', 'cat', 'A'],
      ['set/dog/1.jpg', 'dog', 'B'],
    ]);
    expect(frames[0]?.path).toMatch(/x\.tar:set\/cat\/1\.jpg$/);
  });

  it('takes every image of a class folder, where they share their name up to the first dot', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `cat/holiday.${i}.jpg`);
    const tar = await tarOf([...names, 'dog/holiday.0.jpg', 'dog/holiday.1.jpg'].map((name) => [name, name] as const));
    const frames = await read(tar);
    expect(frames.map(({ id }) => id)).toEqual([...names, 'dog/holiday.0.jpg', 'dog/holiday.1.jpg']);
    expect(frames.map(({ label }) => label)).toEqual([...Array(40).fill('cat'), 'dog', 'dog']);
  });

  it('takes the first image beside a label, wherever the label lies, and tells of the others', async () => {
    const tar = await tarOf([
      ['x/a.left.jpg', 'A'],
      ['x/a.right.jpg', 'B'],
      ['x/a.cls', 'two'],
      ['x/b.json', '{"label": "three"}'],
      ...Array.from({ length: 20 }, (_, i) => [`x/b.${i}.jpg`, `${i}`] as const),
    ]);
    const root = await writeTree(await scratchFolder(), { 'x.tar': tar });
    const ignored: LeftOut[] = [];
    const frames = await collect(tarFrames(join(root, 'x.tar'), (leftOut) => ignored.push(leftOut)));
    expect(brief(frames)).toEqual([
      ['x/a.left.jpg', 'two', 'A'],
      ['x/b.0.jpg', 'three', '0'],
    ]);
    const [first, ...others] = ignored;
    expect(first).toEqual({
      path: `${join(root, 'x.tar')}:x/a.right.jpg`,
      reason: 'Expected one image beside a label, got another before it',
    });
    expect(others).toHaveLength(19);
  });

  it('refuses a label that comes after images that were taken without one', async () => {
    const images = Array.from({ length: 17 }, (_, i) => [`x/b.${i}.jpg`, ''] as const);
    await expect(read(await tarOf([...images, ['x/b.cls', '1']]))).rejects.toThrow(
      /Expected .*x\.tar:x\/b\.cls within 16 images .*got it after more/,
    );
  });

  it('reads gzipped tars', async () => {
    const tar = gzipSync(await tarOf([['cat/1.jpg', 'A']]));
    expect(brief(await read(tar, 'x.tar.gz'))).toEqual([['cat/1.jpg', 'cat', 'A']]);
    expect(brief(await read(tar, 'x.tgz'))).toEqual([['cat/1.jpg', 'cat', 'A']]);
  });

  it('gives entries of many chunks whole', async () => {
    const large = Buffer.alloc(1_000_003, 'abcdefg');
    const [frame] = await read(await tarOf([['cat/1.jpg', large]]));
    expect(frame?.bytes.equals(large)).toBe(true);
  });

  it('can be left early', async () => {
    const root = await writeTree(await scratchFolder(), {
      'x.tar': await tarOf(Array.from({ length: 500 }, (_, i) => [`c/${i}.jpg`, 'x'.repeat(5000)] as const)),
    });
    const frames = tarFrames(join(root, 'x.tar'));
    expect((await frames.next()).value?.id).toBe('c/0.jpg');
    await frames.return();
    expect(await frames.next()).toEqual({ done: true, value: undefined });
  });

  it('says what is wrong with damaged tars, after the frames before the damage', async () => {
    const tar = await tarOf(Array.from({ length: 9 }, (_, i) => [`c/${i}.jpg`, 'x'.repeat(700)] as const));
    const root = await writeTree(await scratchFolder(), {
      'cut.tar': tar.subarray(0, 4000),
      'no.tar': Buffer.alloc(2000, 7),
    });
    const seen: string[] = [];
    const reading = async () => {
      for await (const { id } of tarFrames(join(root, 'cut.tar'))) seen.push(id);
    };
    await expect(reading()).rejects.toMatchObject({
      code: 'bad-data-set',
      message: expect.stringMatching(/cut\.tar to be a whole tar, got: Unexpected end of data/),
    });
    expect(seen).toEqual(['c/0.jpg', 'c/1.jpg']); // the third is cut
    await expect(collect(tarFrames(join(root, 'no.tar')))).rejects.toMatchObject({ code: 'bad-data-set' });
    await expect(collect(tarFrames(join(root, 'absent.tar')))).rejects.toMatchObject({ code: 'bad-data-set' });
  });

  it('refuses JSON that is none', async () => {
    await expect(read(await tarOf([['a.json', '{label: cat']]))).rejects.toThrow(/a\.json to be JSON, got/);
  });
});
