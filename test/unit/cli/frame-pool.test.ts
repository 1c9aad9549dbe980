// The pool: every frame once a round, in a seeded order, under ids that never come twice.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { framePool, readFramePool, whyNotScored } from '../../../src/cli/frame-pool.ts';
import { tarOf } from '../../helpers/data-set-files.ts';

const frames = Array.from({ length: 7 }, (_, n) => ({ id: `f${n}`, label: null, bytes: Uint8Array.of(n) }));

it('goes through all frames in each round', () => {
  const pool = framePool(frames, 1);
  const sent = Array.from({ length: 21 }, (_, n) => pool.at(n));
  for (let round = 0; round < 3; round++) {
    const bytes = sent.slice(round * 7, round * 7 + 7).map((frame) => frame.bytes[0]);
    expect([...bytes].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  }
  expect(new Set(sent.map(({ id }) => id)).size).toBe(21);
});

it('orders by the seed', () => {
  const order = (seed: number) => frames.map((_, n) => framePool(frames, seed).at(n).id);
  expect(order(1)).toEqual(order(1));
  expect(order(1)).not.toEqual(order(2));
});

it('reads folders and tars, up to the limit, and knows labels by name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pool-'));
  try {
    await writeFile(join(folder, 'a.jpg'), 'x');
    const both = await readFramePool({
      paths: [folder, 'models/glyphs/test-frames.tar'],
      classes: ['Q'],
      seed: 1,
      limit: 40,
    });
    expect(both.frames).toHaveLength(40);
    expect(both.frames[0]).toMatchObject({ label: null });
    expect(new Set(both.frames.map(({ label }) => label)).size).toBeLessThanOrEqual(2); // Q, or another world's label
    expect(new Set(both.frames.map(({ id }) => id)).size).toBe(40);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('says where it found no frame', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pool-'));
  try {
    await expect(readFramePool({ paths: [folder], classes: [], seed: 1 })).rejects.toMatchObject({
      code: 'bad-data-set',
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('takes a number for a class index in a .cls only, and says why frames of other classes are not scored', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pool-'));
  const classes = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog'];
  const labels = async (...entries: [string, string][]) => {
    const path = join(folder, 'frames.tar');
    await writeFile(path, await tarOf(entries));
    const pool = await readFramePool({ paths: [path], classes, seed: 1 });
    return [pool.frames.map(({ label }) => label), whyNotScored(classes, pool)];
  };
  try {
    expect(await labels(['7.jpg', ''], ['7.cls', '3'])).toEqual([['cat'], null]);
    expect(await labels(['3/7.jpg', ''], ['2/1.jpg', ''])).toEqual([
      [null, null],
      'Expected frames of the classes airplane, automobile, bird, cat …, got 2, 3; accuracy is not shown',
    ]);
    expect(await labels(['3/7.jpg', ''], ['dog/1.jpg', ''])).toEqual([[null, 'dog'], null]);
    expect(await labels(['7.jpg', ''])).toEqual([[null], null]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
