// A run's folder is named by what decides its result; the runs of one network keep the names they had before there were sequences. A result
// is of its frames: of other test frames it is measured again, other frames to train on are refused.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeBundle } from '../../../src/network/bundle.ts';
import { writeCheckpoint } from '../../../src/network/checkpoint.ts';
import { chainNetwork, sequenceNetwork } from '../../../src/study/networks.ts';
import { studyPlan } from '../../../src/study/plan.ts';
import { type RunRecipe, runFolder, runOne, type StudyFrames, studyFrames } from '../../../src/study/run-one.ts';
import { RECORD_FILE, storedRecord } from '../../../src/study/run-record.ts';
import { type FrameSet, framesSha256 } from '../../../src/training/frames.ts';
import { scratchFolder } from '../../helpers/data-set-files.ts';
import { hasNative } from '../../helpers/native.ts';
import { randomBundle, randomNumbers } from '../../helpers/random-bundle.ts';

const PASSES = [0.128, 0.253, 0.377, 0.502, 0.627, 0.751, 0.876, 1];
const networks = {
  chain: chainNetwork(),
  sequences: { again: sequenceNetwork('again'), beside: sequenceNetwork('beside') },
};
const empty = { height: 1, width: 1, pixels: new Uint8Array(), labels: new Uint16Array(3) };
const set: FrameSet = { name: 'd', classes: ['a'], ...empty };
const frames = studyFrames(set, set);
const taught = { epochs: 5, batch: 256, flips: true, precision: 'float32', validationShare: 0.05 } as const;
const recipe: RunRecipe = { ...taught, commit: 'c' };
const run = studyPlan(networks, PASSES, [1]).find(({ id }) => id === 'linear-seed-1') as ReturnType<
  typeof studyPlan
>[number];

it('is the same for another commit, and another for whatever decides the result', () => {
  const name = runFolder('out', run, frames, recipe);
  expect(runFolder('out', run, frames, { ...recipe, commit: 'other' })).toBe(name);
  for (const other of [
    { ...run, seed: 2 },
    { ...run, sequence: [8] },
    { ...run, oscillate: true },
  ])
    expect(runFolder('out', other, frames, recipe)).not.toBe(name);
  expect(runFolder('out', run, frames, { ...recipe, epochs: 6 })).not.toBe(name);
  expect(name).toBe('out/linear-seed-1-4c1037aa');
});

describe.skipIf(!(await hasNative()))('a run that was trained', () => {
  const pixels = (seed: number, count: number) => {
    const draw = randomNumbers(seed);
    return Uint8Array.from({ length: count * 32 * 32 * 3 }, () => draw() * 256);
  };
  const framesOf = (seed: number): FrameSet => ({
    ...{ name: 'd', classes: ['class-0', 'class-1'], height: 32, width: 32 },
    ...{ pixels: pixels(seed, 8), labels: Uint16Array.from({ length: 8 }, (_, i) => i % 2) },
  });
  const [train, test, otherTest, otherTrain] = [1, 2, 3, 4].map(framesOf) as [FrameSet, FrameSet, FrameSet, FrameSet];
  const events: unknown[] = [];
  const made = (folder: string, of: StudyFrames) =>
    runOne(folder, run, of, { ...recipe, validationShare: 0.25 }, (event) => void events.push(event));

  it('is measured again on other test frames, and trained on no others without a word', async () => {
    const folder = await scratchFolder();
    const { model, tensors } = randomBundle(run.network, 1, 2);
    await writeBundle(join(folder, 'bundle'), model, tensors, '# Card\n', 'float32');
    const store = (content: object) => writeFile(join(folder, RECORD_FILE), JSON.stringify(content));
    await store({ commit: 'of-the-training', seconds: 3 });
    const first = await made(folder, studyFrames(train, test));
    expect(first).toMatchObject({ commit: 'of-the-training', frames: studyFrames(train, test).sha256 });
    expect(await made(folder, studyFrames(train, test))).toEqual(first);
    const second = await made(folder, studyFrames(train, otherTest));
    expect(second).toMatchObject({ commit: 'of-the-training', frames: { test: framesSha256(otherTest) } });
    expect(await storedRecord(folder, studyFrames(train, otherTest).sha256)).toEqual(second);
    const refused = { code: 'bad-argument', message: expect.stringMatching(/trained on, .* got others, .*`--out`/) };
    await expect(made(folder, studyFrames(otherTrain, test))).rejects.toMatchObject(refused);

    await store({ commit: 'older', seconds: 3 }); // told by the checkpoint alone
    const fingerprint = JSON.stringify({ framesSha256: framesSha256(train) });
    await writeCheckpoint(join(folder, 'checkpoint.bin'), { state: { fingerprint }, tensors: new Map() });
    await expect(made(folder, studyFrames(otherTrain, test))).rejects.toMatchObject(refused);
    expect(await made(folder, studyFrames(train, test))).toMatchObject({ commit: 'older' });
    expect(events).toEqual([]);
  });
});
