import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
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
    ]);
    expect(brief(await read(tar))).toEqual([
      ['a1.jpg', '3', 'A'],
      ['a2.png', 'cat', 'B'],
      ['a3.webp', 'dog', 'C'],
      ['a4.jpg', '7', 'D'],
      ['a5.jpg', null, 'E'],
      ['a7.left.jpg', 'two', 'F'],
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
