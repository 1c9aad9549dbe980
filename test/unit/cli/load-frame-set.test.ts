// Frames to measure on: what is left out of them is told, with totals, and too much of it is refused.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadFrameSet } from '../../../src/cli/load-frame-set.ts';
import { greyPng, scratchFolder, writeTree } from '../../helpers/data-set-files.ts';
import { EVERY_KIND, randomBundle } from '../../helpers/random-bundle.ts';

const { model } = randomBundle(EVERY_KIND, 1);

/** Good images of two classes, and so many that cannot be decoded. */
async function photos(good: number, bad: number): Promise<string> {
  const png = await greyPng(20);
  const named = (count: number, name: string, content: Buffer | string) =>
    Array.from({ length: count }, (_, i) => [`class-${i % 2}/${name}-${i}.png`, content] as const);
  const files = [...named(good, 'good', png), ...named(bad, 'bad', 'no image')];
  return await writeTree(await scratchFolder(), { ...Object.fromEntries(files), 'class-0/notes.txt': 'none' });
}

it('tells what is left out, each up to a bound, and how many of how many', async () => {
  const path = await photos(230, 22);
  const said: string[] = [];
  const { frames, skipped } = await loadFrameSet(path, model, null, (line) => void said.push(line));
  expect([frames.labels.length, skipped.length]).toEqual([230, 22]);
  expect(said).toHaveLength(22);
  expect(said[0]).toMatch(/bad-0\.png: left out: Expected .*got/);
  expect(said.slice(-2)).toEqual([
    '… and 3 more like these',
    'Left out: 22 of 252 images, which cannot be decoded; beside the images: 1.',
  ]);
});

it('tells what lies beside the images', async () => {
  const path = await photos(4, 0);
  const said: string[] = [];
  await loadFrameSet(path, model, null, (line) => void said.push(line));
  const notes = join(path, 'class-0/notes.txt');
  expect(said[0]).toBe(`${notes}: left out: Expected an image by its name, got another file`);
});

it('refuses a set of which more than a tenth cannot be decoded', async () => {
  const refused = { code: 'bad-data-set', message: expect.stringContaining('got 2 of 8') };
  await expect(loadFrameSet(await photos(6, 2), model, null, () => {})).rejects.toMatchObject(refused);
});
