// The learning curves are one SVG with a line per exit, rewritten whole.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { learningCurves, writeCurves } from '../../../../src/cli/commands/train-curves.ts';
import type { EpochRecord } from '../../../../src/training/progress.ts';
import { scratchFolder } from '../../../helpers/data-set-files.ts';

const record = (epoch: number): EpochRecord => ({
  epoch,
  step: 10 * epoch,
  trainLosses: [2 / epoch, 1 / epoch],
  exits: [
    { loss: 2.2 / epoch, accuracy: 1 - 1 / (1 + epoch) },
    { loss: 1.2 / epoch, accuracy: 1 - 1 / (2 + epoch) },
  ],
});

it('draws accuracy and losses of each exit as one figure', async () => {
  const svg = learningCurves('a <b>', [record(1), record(2), record(3)]);
  expect(svg).toContain('a &lt;b&gt;: accuracy on held-out frames');
  for (const name of ['exit 1', 'exit 2', 'exit 1, training', 'exit 2, training']) expect(svg).toContain(`>${name}<`);
  const { width, height } = await sharp(Buffer.from(svg)).metadata(); // parses as one SVG
  expect([width, height]).toEqual([720, 880]);
});

it('rewrites the file and leaves nothing unfinished', async () => {
  const folder = await scratchFolder();
  const path = join(folder, 'curves.svg');
  writeCurves(path, 'run', [record(1)]);
  writeCurves(path, 'run', [record(1), record(2)]);
  const plain = (svg: string) => svg.replaceAll(/zr\d+(-cls-\d+)?/g, ''); // ECharts numbers its charts
  expect(plain(await readFile(path, 'utf8'))).toBe(plain(learningCurves('run', [record(1), record(2)])));
  expect(await readdir(folder)).toEqual(['curves.svg']);
});
