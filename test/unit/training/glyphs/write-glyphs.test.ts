import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadDataSet } from '../../../../src/training/data-set/load-data-set.ts';
import { openDataSet } from '../../../../src/training/data-set/open-data-set.ts';
import { GLYPH_CLASSES } from '../../../../src/training/glyphs/classes.ts';
import { writeGlyphs } from '../../../../src/training/glyphs/write-glyphs.ts';
import { collect } from '../../../helpers/collect.ts';
import { scratchFolder } from '../../../helpers/data-set-files.ts';

const options = { count: 40, seed: 4, split: 'train' } as const;
const framesOf = async (path: string) => await collect((await openDataSet(path)).frames());

describe('writeGlyphs', () => {
  it('writes the same frames to a folder and to a tar, with a manifest', async () => {
    const root = await scratchFolder();
    const seen: number[] = [];
    const folder = await writeGlyphs(join(root, 'set'), options, (done) => seen.push(done));
    const tar = await writeGlyphs(join(root, 'deep/set.tar'), options);
    expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    const byId = (frames: Awaited<ReturnType<typeof framesOf>>) =>
      frames.map(({ id, label, bytes }) => [id, label, bytes.toString('base64')].join()).sort();
    const inTar = await framesOf(join(root, 'deep/set.tar'));
    expect(inTar).toHaveLength(40);
    expect(byId(inTar)).toEqual(byId(await framesOf(join(root, 'set'))));
    expect(inTar[7]?.id).toBe(`${inTar[7]?.label}/000007.jpg`);
    expect(folder.manifest).toBe(join(root, 'set/manifest.json'));
    expect(tar.manifest).toBe(join(root, 'deep/set.json'));
    expect(JSON.parse(await readFile(tar.manifest, 'utf8'))).toMatchObject({ ...options, classes: GLYPH_CLASSES });
  });

  it('writes the same bytes again', async () => {
    const root = await scratchFolder();
    const hash = async (name: string) => {
      await writeGlyphs(join(root, name), options);
      return createHash('sha256')
        .update(await readFile(join(root, name)))
        .digest('hex');
    };
    expect(await hash('a.tar')).toBe(await hash('b.tar'));
  });

  it('says so when it cannot write', async () => {
    const file = await scratchFolder();
    await writeGlyphs(join(file, 'a.tar'), { ...options, count: 1 });
    for (const out of [join(file, 'a.tar/b.tar'), join(file, 'a.json/folder')]) {
      await expect(writeGlyphs(out, options)).rejects.toMatchObject({
        code: 'bad-argument',
        message: expect.stringMatching(/^Expected .* to be a place to write glyph frames to, got: E/),
      });
    }
  });
});

describe('the committed test shard', () => {
  it('is what its manifest says', async () => {
    const manifest = JSON.parse(await readFile('models/glyphs/test-frames.json', 'utf8'));
    const frames = await framesOf('models/glyphs/test-frames.tar');
    expect(frames).toHaveLength(manifest.count);
    expect([...new Set(frames.map(({ label }) => label))].sort()).toEqual(manifest.classes);
    // the first frames are drawn again: the generator still makes what was committed
    const again = join(await scratchFolder(), 'again.tar');
    await writeGlyphs(again, { count: 64, seed: manifest.seed, split: manifest.split });
    const size = { width: 32, height: 32 };
    const drawn = await loadDataSet(again, { size });
    const committed = await loadDataSet('models/glyphs/test-frames.tar', { size, limit: 64 });
    expect(drawn.labels).toEqual(committed.labels);
    const apart = drawn.images.reduce((sum, value, i) => sum + Math.abs(value - (committed.images[i] ?? 0)), 0);
    expect(apart / drawn.images.length).toBeLessThan(0.5); // grey levels: another libvips may round differently
  });
});
