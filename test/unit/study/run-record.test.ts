// What is stored of a run: whole, of an older shape, damaged, not there.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RECORD_FILE, type RunRecord, storedRecord, storedTraining } from '../../../src/study/run-record.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-record-'));
});
afterAll(() => rm(folder, { recursive: true }));
const store = (content: unknown) =>
  writeFile(join(folder, RECORD_FILE), typeof content === 'string' ? content : JSON.stringify(content));

const record: RunRecord = {
  ...{ id: 'x', seed: 1, epochs: 2, commit: 'abc', seconds: 3, frames: { train: 'a', test: 'b' } },
  exits: [{ macs: 1, headMacs: 0, validationAccuracy: 0.5, testAccuracy: 0.5 }],
  earlyExit: [
    {
      ...{ averageBudget: 0.5, minConfidence: 0.8, meanPasses: 0.4, testAccuracy: 0.5 },
      perExit: { minConfidence: [0.5, 0], meanPasses: 0.5, testAccuracy: 0.6 },
    },
  ],
};

it('is nothing before the run is finished', async () => {
  expect(await storedRecord(folder, record.frames)).toBeNull();
  expect(await storedTraining(folder)).toBeNull();
});

it('is read as it was written', async () => {
  await store(record);
  expect(await storedRecord(folder, record.frames)).toEqual(record);
});

it('is to be measured again where it has less than is asked now, and still says how it was trained', async () => {
  await store({ ...record, earlyExit: record.earlyExit.map(({ perExit: _, ...older }) => older) });
  expect(await storedRecord(folder, record.frames)).toBeNull();
  expect(await storedTraining(folder)).toEqual({ commit: 'abc', seconds: 3, frames: { train: 'a' } });
});

it('is not the result asked for where other frames were trained or measured on, or that is not told', async () => {
  const { frames, ...older } = record;
  await store(record);
  expect(await storedRecord(folder, { ...frames, train: 'other' })).toBeNull();
  expect(await storedRecord(folder, { ...frames, test: 'other' })).toBeNull();
  await store(older);
  expect(await storedRecord(folder, frames)).toBeNull();
  expect(await storedTraining(folder)).toEqual({ commit: 'abc', seconds: 3 });
});

it('is nothing where the file is damaged', async () => {
  await store('{"id":"x",');
  expect(await storedRecord(folder, record.frames)).toBeNull();
  expect(await storedTraining(folder)).toBeNull();
});
