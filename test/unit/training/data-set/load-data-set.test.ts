import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSharpDecoder } from '../../../../src/adapters/codec/sharp-decoder.ts';
import { loadDataSet } from '../../../../src/training/data-set/load-data-set.ts';
import { openDataSet } from '../../../../src/training/data-set/open-data-set.ts';
import { greyPng, scratchFolder, tarOf, writeTree } from '../../../helpers/data-set-files.ts';

const size = { width: 2, height: 3 };

describe('loadDataSet', () => {
  it('loads pixels and class numbers in the order of the set', async () => {
    const root = await writeTree(await scratchFolder(), {
      'cat/1.png': await greyPng(10),
      'cat/2.png': await greyPng(20),
      'dog/1.png': await greyPng(30),
    });
    const seen: [number, number | null][] = [];
    const set = await loadDataSet(root, { size, onProgress: (done, of) => seen.push([done, of]) });
    expect(set.classes).toEqual(['cat', 'dog']);
    expect([...set.labels]).toEqual([0, 1, 0]);
    expect([...set.images]).toEqual([10, 30, 20].flatMap((level) => Array(18).fill(level)));
    expect(set.paths.map((path) => path.slice(root.length + 1))).toEqual(['cat/1.png', 'dog/1.png', 'cat/2.png']);
    expect(set.skipped).toEqual([]);
    expect(seen).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  it('reports images that cannot be decoded and closes the gaps', async () => {
    const root = await writeTree(await scratchFolder(), {
      'a/1.png': 'no image',
      'a/2.png': await greyPng(20),
      'a/3.png': (await greyPng(33)).subarray(0, 50),
      'b/1.png': await greyPng(40),
      'b/2.png': '',
    });
    const set = await loadDataSet(root, { size });
    expect([...set.labels]).toEqual([1, 0]);
    expect([...set.images]).toEqual([...Array(18).fill(40), ...Array(18).fill(20)]);
    expect(set.skipped.map(({ path }) => path.slice(root.length + 1))).toEqual(['a/1.png', 'a/3.png', 'b/2.png']);
    for (const { reason } of set.skipped) expect(reason).toMatch(/^Expected .*got/);
  });

  it('reports a file that is gone when it is to be read, and closes the gap', async () => {
    const names = Array.from({ length: 100 }, (_, i) => [`a/${100 + i}.png`, `b/${100 + i}.png`]).flat();
    const image = await greyPng(10);
    const root = await writeTree(await scratchFolder(), Object.fromEntries(names.map((name) => [name, image])));
    const last = join(root, 'b', '199.png');
    // the folder is listed by the first frame, and its last file is not read by then
    const set = await loadDataSet(root, { size, onProgress: (done) => done === 1 && rmSync(last) });
    expect(set.skipped).toEqual([
      { path: last, reason: expect.stringMatching(/Expected .*199\.png to be a file that can be read, got: ENOENT/) },
    ]);
    expect(set.labels).toHaveLength(199);
    expect(set.images).toHaveLength(199 * 18);
    expect(set.paths).not.toContain(last);
  });

  it('knows every class of a tar, those beyond the limit too', async () => {
    const image = await greyPng(10);
    const entries = ['c/1.png', 'a/1.png', 'c/2.png', 'b/1.png'].map((name) => [name, image] as const);
    const root = await writeTree(await scratchFolder(), { 'shard.tar': await tarOf(entries) });
    const set = await loadDataSet(join(root, 'shard.tar'), { size, limit: 2 });
    expect([set.classes, [...set.labels]]).toEqual([
      ['a', 'b', 'c'],
      [2, 0],
    ]);
    const known = await loadDataSet(join(root, 'shard.tar'), { size, limit: 2, classes: ['c', 'a'] });
    expect([...known.labels]).toEqual([0, 1]); // what lies behind is no business of it
  });

  it('gives the pixels that serving sees', async () => {
    const set = await loadDataSet('models/glyphs/test-frames.tar', { size: { width: 24, height: 20 }, limit: 40 });
    const limits = { width: 24, height: 20, maxPixels: 1e6, maxBytes: 1e6 };
    const decoder = createSharpDecoder(limits);
    let at = 0;
    for await (const frame of (await openDataSet('models/glyphs/test-frames.tar')).frames()) {
      const pixels = await decoder.decode(frame.bytes, { kind: 'image' }, null);
      expect(set.images.subarray(at * pixels.length, (at + 1) * pixels.length)).toEqual(pixels);
      expect(set.classes[set.labels[at] ?? -1]).toBe(frame.label);
      if (++at === 40) break;
    }
    expect(set.labels).toHaveLength(40);
  });

  it('takes class names or class indices in the order it is given', async () => {
    const root = await scratchFolder();
    const tar = await tarOf([
      ['1.png', await greyPng(1)],
      ['1.cls', '2'],
      ['2.png', await greyPng(2)],
      ['2.cls', 'b'],
    ]);
    await writeTree(root, { 'x.tar': tar });
    const set = await loadDataSet(join(root, 'x.tar'), { size, classes: ['c', 'b', 'a'] });
    expect([...set.labels]).toEqual([2, 1]);
    await expect(loadDataSet(join(root, 'x.tar'), { size, classes: ['x', 'y'] })).rejects.toThrow(
      /to be one of x, y; got "(2|b)"/,
    );
  });

  it('takes the name of a folder for a name, though it is a number', async () => {
    const root = await writeTree(await scratchFolder(), {
      '0/1.png': await greyPng(1),
      '1/1.png': await greyPng(2),
    });
    expect([...(await loadDataSet(root, { size, classes: ['1', '0'] })).labels]).toEqual([1, 0]);
    await expect(loadDataSet(root, { size, classes: ['cat', 'dog'] })).rejects.toMatchObject({
      code: 'bad-data-set',
      message: expect.stringMatching(/Expected .*[01]\/1\.png to be one of cat, dog; got "[01]"/),
    });
  });

  it('loads more frames than it first made room for', async () => {
    const png = await greyPng(5, 1);
    const tar = await tarOf(
      Array.from({ length: 600 }, (_, i) => [`${i % 2 ? 'odd' : 'even'}/${i}.png`, png] as const),
    );
    const root = await writeTree(await scratchFolder(), { 'x.tar': tar });
    const set = await loadDataSet(join(root, 'x.tar'), { size: { width: 1, height: 1 } });
    expect(set.labels).toHaveLength(600);
    expect(set.labels.every((label, i) => label === i % 2)).toBe(true);
    expect(set.images.every((value) => value === 5)).toBe(true);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['one class only', { 'cat/1.png': 'good' }, /at least two classes in .*, got only "cat"/],
    ['images without labels', { '1.png': 'good' }, /Expected a labelled data set .*got no label for .*1\.png/],
    [
      'only images that cannot be decoded',
      { 'a/1.png': 'bad', 'b/1.png': 'bad' },
      /labelled images in .*2 skipped.*1\.png/,
    ],
  ])('refuses %s', async (_, files, message) => {
    const good = await greyPng(1);
    const contents = Object.entries(files).map(([name, kind]) => [name, kind === 'good' ? good : kind]);
    const root = await writeTree(await scratchFolder(), Object.fromEntries(contents));
    await expect(loadDataSet(root, { size })).rejects.toMatchObject({
      code: 'bad-data-set',
      message: expect.stringMatching(message),
    });
  });
});
