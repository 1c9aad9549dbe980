// What is measured at the end of a training is never what it learnt from.
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTrainingData } from '../../../src/training/load-training-data.ts';
import { TRAIN_DEFAULTS, type TrainOptions } from '../../../src/training/options.ts';
import { presetNetwork } from '../../../src/training/presets.ts';
import { greyPng, scratchFolder, writeTree } from '../../helpers/data-set-files.ts';

const options = (data: string, test: string, more: Partial<TrainOptions> = {}): TrainOptions => ({
  ...TRAIN_DEFAULTS,
  ...{ data, network: presetNetwork('tiny'), out: 'unused' },
  bundle: { folder: 'unused', name: 'x', version: '1', command: 'c', commit: 'c', test },
  ...more,
});
const load = (given: TrainOptions) => loadTrainingData(given, () => {});

/** The frames, each as text. */
function framesIn({ pixels, labels }: { pixels: Uint8Array; labels: Uint16Array }): string[] {
  const bytes = pixels.length / labels.length;
  return [...labels].map((_, i) => Buffer.from(pixels.subarray(i * bytes, (i + 1) * bytes)).toString('base64'));
}

describe('loadTrainingData', () => {
  it('draws the frames to test on with the test fonts: none of them is trained on', async () => {
    const { data, test } = await load(options('glyphs:64', 'glyphs:48'));
    if (test === null) throw new Error('Expected frames to test on, got none');
    expect([data.name, test.name]).toEqual([
      'glyphs, 64 frames of the training fonts',
      'glyphs, 48 frames of the test fonts',
    ]);
    const trained = new Set(framesIn(data));
    expect(framesIn(test).filter((frame) => trained.has(frame))).toEqual([]);
  });

  it('draws no more frames to train on than the limit, and those to test on as asked', async () => {
    const { data, test } = await load(options('glyphs:96', 'glyphs:64', { limit: 40 }));
    expect([data.labels.length, data.name]).toEqual([40, 'glyphs, 40 frames of the training fonts']);
    expect(test?.labels.length).toBe(64);
    await expect(load(options('glyphs:96', 'glyphs:64', { limit: 31 }))).rejects.toThrow(
      /at least 32 glyph frames, one of each class, got 31/,
    );
  });

  it('refuses to test on the many training fonts', async () => {
    await expect(load(options('glyphs:64', 'glyphs-wide:64'))).rejects.toMatchObject({
      code: 'bad-data-set',
      message: expect.stringMatching(/test fonts, glyphs:64, got glyphs-wide:64/),
    });
  });

  it('refuses to test on the folder it trains on, by whatever path', async () => {
    const root = await writeTree(await scratchFolder(), {
      'set/a/1.png': await greyPng(1),
      'set/b/1.png': await greyPng(2),
    });
    await symlink(join(root, 'set'), join(root, 'link'));
    for (const test of [`${root}/set/`, join(root, 'link')])
      await expect(load(options(join(root, 'set'), test))).rejects.toMatchObject({
        code: 'bad-argument',
        message: expect.stringMatching(/Expected `--test` to be frames that are not trained on, got those of `--data`/),
      });
  });
});
