// Folders with everything that goes wrong in folders of images: each told by its path, and what becomes of it.
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { checkData, type DataEvent, MOST_TOLD } from '../../../src/training/check-data.ts';
import { loadFrames } from '../../../src/training/load-frames.ts';
import { greyPng, scratchFolder, tarOf, writeTree } from '../../helpers/data-set-files.ts';

const size = { height: 4, width: 4 };

/** Load as a training does; what was told, paths from the root on. */
async function load(files: Readonly<Record<string, Buffer | string>>) {
  const root = await writeTree(await scratchFolder(), files);
  const told: DataEvent[] = [];
  const check: Parameters<typeof checkData>[2] = (event) =>
    told.push(event.type === 'bad-frame' ? { ...event, path: event.path.slice(root.length + 1) } : event);
  const loading = loadFrames(root, { size, seed: 1, check: (loaded) => checkData(root, loaded, check) });
  return { root, told, loading };
}

const good = await greyPng(90);
/** So many good images of a class. */
const many = (label: string, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${label}/${i}.png`, good]));

describe('checkData', () => {
  it('says nothing about good data, whatever the sizes of its images', async () => {
    const large = await sharp({ create: { width: 90, height: 30, channels: 3, background: '#5a5a5a' } })
      .jpeg()
      .toBuffer();
    const { told, loading } = await load({ ...many('a', 2), 'b/1.png': good, 'b/2.jpg': large });
    const frames = await loading;
    expect(told).toEqual([]);
    expect(frames.labels).toHaveLength(4);
    expect([...frames.pixels].every((value) => Math.abs(value - 90) < 3)).toBe(true);
  });

  it('tells a corrupt image, a text in image clothes, another file and an empty class, and leaves them out', async () => {
    const bad = { 'a/cut.png': good.subarray(0, 50), 'b/text.jpg': 'no image' };
    const { told, loading } = await load({
      ...many('a', 30),
      ...many('b', 30),
      ...bad,
      'a/notes.txt': 'x',
      'c/.keep': '',
    });
    const frames = await loading;
    expect(frames.labels).toHaveLength(60);
    expect(frames.classes).toEqual(['a', 'b']);
    expect(told.map((event) => (event.type === 'bad-frame' ? event.path : event.type))).toEqual([
      'a/cut.png',
      'b/text.jpg',
      'a/notes.txt',
      'c',
    ]);
    for (const event of told)
      expect(event).toMatchObject({ reason: expect.stringMatching(/^left out: Expected .*got/) });
  });

  it('tells a corrupt image in a tar by its entry', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `${i % 2 ? 'a' : 'b'}/${i}.png`);
    const tar = await tarOf([...names.map((name) => [name, good] as const), ['a/cut.png', good.subarray(0, 50)]]);
    const { told, loading } = await load({ 'shard.tar': tar });
    expect((await loading).labels).toHaveLength(20);
    expect(told).toEqual([
      {
        type: 'bad-frame',
        path: 'shard.tar:a/cut.png',
        reason: expect.stringMatching(/^left out: Expected .*png.*got/),
      },
    ]);
  });

  it('tells a class with a single image and keeps it', async () => {
    const { told, loading } = await load({ ...many('a', 3), 'b/only.png': good });
    expect([...(await loading).labels]).toEqual([0, 1, 0, 0]);
    expect(told).toEqual([
      { type: 'bad-frame', path: join('b', 'only.png'), reason: expect.stringMatching(/class "b".*add images/) },
    ]);
  });

  it('tells the first twenty, then how many there are', async () => {
    const bad = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`a/note-${i}.txt`, 'x']));
    const { told, loading } = await load({ ...many('a', 2), ...many('b', 2), ...bad });
    await loading;
    expect(told).toHaveLength(MOST_TOLD + 1);
    expect(told.at(-1)).toEqual({ type: 'bad-frames', told: 20, all: 25 });
  });

  it('tells a class with a single image also where more than twenty others are left out', async () => {
    const bad = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`a/note-${i}.txt`, 'x']));
    const { told, loading } = await load({ ...many('a', 2), 'b/only.png': good, ...bad });
    await loading;
    expect(told[0]).toMatchObject({ path: join('b', 'only.png'), reason: expect.stringMatching(/class "b"/) });
  });

  it('names the limit where it takes in no image of a class, of a tar too', async () => {
    const inOrder = [1, 2, 3].map((i) => [`a/${i}.png`, good] as const);
    const tar = await tarOf([...inOrder, ['b/1.png', good], ['c/1.png', good]]);
    const root = await writeTree(await scratchFolder(), { 'shard.tar': tar });
    const check = (loaded: Parameters<typeof checkData>[1]) => checkData(root, loaded, () => {}, 4);
    await expect(loadFrames(root, { size, seed: 1, limit: 4, check })).rejects.toMatchObject({
      code: 'bad-data-set',
      message: expect.stringMatching(/at least one image of class "c" among the first 4 of .*`--limit`.*take more/),
    });
  });

  it('refuses data of which more than a tenth cannot be decoded, and takes a tenth', async () => {
    const nine = await load({ ...many('a', 9), ...many('b', 9), 'a/x.png': 'bad', 'b/x.png': 'bad' });
    expect((await nine.loading).labels).toHaveLength(18);
    const more = await load({ ...many('a', 9), ...many('b', 8), 'a/x.png': 'bad', 'b/x.png': 'bad' });
    await expect(more.loading).rejects.toMatchObject({
      code: 'bad-data-set',
      message: expect.stringMatching(/at most 10 %.*got 2 of 19.*a.x\.png/),
    });
    expect(more.told).toHaveLength(2);
  });

  it('refuses a class of which nothing can be decoded', async () => {
    const { loading } = await load({ ...many('a', 30), ...many('b', 30), 'c/x.png': 'bad' });
    await expect(loading).rejects.toThrow(/class "c".*got none.*remove the class/);
  });

  it('refuses a folder without images', async () => {
    const { loading } = await load({ 'a/notes.txt': 'x', 'b/notes.txt': 'x' });
    await expect(loading).rejects.toMatchObject({ code: 'bad-data-set' });
  });
});
