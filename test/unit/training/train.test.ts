// The whole training on a tiny problem: it learns, repeats itself, goes on exactly after a stop, and leaks no tensors.
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../../src/network/checkpoint.ts';
import { NetworkSchema } from '../../../src/network/config.ts';
import { loadNative } from '../../../src/network/tensorflow-native.ts';
import { type FrameSet, framesSha256, normalisationOf, split } from '../../../src/training/frames.ts';
import { knownFrames } from '../../../src/training/known-frames.ts';
import { TRAIN_DEFAULTS, type TrainEvent, type TrainOptions } from '../../../src/training/options.ts';
import { presetNetwork } from '../../../src/training/presets.ts';
import type { Progress } from '../../../src/training/progress.ts';
import { random } from '../../../src/training/random.ts';
import { train } from '../../../src/training/train.ts';
import { whiteningKernel } from '../../../src/training/whitening.ts';
import { greyPng, writeTree } from '../../helpers/data-set-files.ts';
import { hasNative } from '../../helpers/native.ts';

const isHere = await hasNative();
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'train-test-'));
  folders.push(folder);
  return folder;
}

/** Three classes of noisy frames, each brighter in a channel of its own. */
function colours(count: number): FrameSet {
  const source = random(1, 'colours');
  const labels = Uint16Array.from({ length: count }, (_, i) => i % 3);
  const pixels = Uint8Array.from({ length: count * 3072 }, (_, i) =>
    Math.max(0, Math.min(255, 110 + 40 * source.normal() + (i % 3 === labels[Math.floor(i / 3072)] ? 30 : 0))),
  );
  return { name: 'colours', classes: ['red', 'green', 'blue'], height: 32, width: 32, pixels, labels };
}

const data = colours(480);
const image = await greyPng(90);
const options = async (more: Partial<TrainOptions> = {}): Promise<TrainOptions> => ({
  ...TRAIN_DEFAULTS,
  data,
  network: presetNetwork('tiny'),
  out: await newFolder(),
  epochs: 4,
  batch: 32,
  validationShare: 0.2,
  ...more,
});

const bundleIn = ({ out }: TrainOptions) => ({
  ...{ folder: join(out, 'bundle'), name: 'n', version: '1', command: 'c', commit: 'c' },
});

/** Train and note the losses of every step; stop after `stopAt` steps. */
async function run(given: TrainOptions, stopAt = Number.POSITIVE_INFINITY) {
  const losses: string[] = [];
  const stop = new AbortController();
  const report = (event: TrainEvent) => {
    if (event.type !== 'step') return;
    losses.push(event.losses.join());
    if (event.step === stopAt) stop.abort();
  };
  const summary = await train(given, report, stop.signal);
  return { losses, summary };
}

/** The step in the bytes of a checkpoint, read at once: a file read later would hold a later one. */
function readStep(bytes: Buffer): number {
  return Number(/"step":(\d+)/.exec(bytes.toString('latin1'))?.[1]);
}

describe.skipIf(!isHere)('train', () => {
  it('learns', async () => {
    const { summary } = await run(await options());
    expect(summary.isFinished).toBe(true);
    for (const { accuracy } of summary.exits) expect(accuracy).toBeGreaterThan(0.9);
  });

  it('repeats itself with the same seed and not with another', async () => {
    const [a, b, c] = [await run(await options()), await run(await options()), await run(await options({ seed: 2 }))];
    expect(b.losses).toEqual(a.losses);
    expect(c.losses).not.toEqual(a.losses);
  });

  it.each<[string, Partial<TrainOptions>]>([
    ['sieve, oscillating', {}],
    ['adaloss, mixed, in equilibrium', { weights: 'adaloss', oscillate: false, mixedEpochs: 1, equilibrium: true }],
  ])('goes on with the same bits after a stop in the middle of an epoch: %s', async (_, more) => {
    const whole = await options(more);
    const parts = await options(more);
    const uninterrupted = await run(whole);
    const first = await run(parts, 17);
    expect(first.summary).toMatchObject({ isFinished: false, steps: 17 });
    const second = await run(parts);
    expect([...first.losses, ...second.losses]).toEqual(uninterrupted.losses);
    const [a, b] = await Promise.all([whole, parts].map(({ out }) => readCheckpoint(join(out, 'checkpoint.bin'))));
    expect(b?.tensors).toEqual(a?.tensors);
    const [stateA, stateB] = [a, b].map((checkpoint) => ({ ...(checkpoint?.state as Progress), seconds: 0 }));
    expect(stateB).toEqual(stateA);
    expect(second.summary.exits).toEqual(uninterrupted.summary.exits);
  });

  it('goes on with a run that did not note its frames yet, its best epoch too', async () => {
    const given = await options({ epochs: 2 });
    await run(given, 13);
    const paths = ['checkpoint.bin', 'best.bin'].map((name) => join(given.out, name));
    const printOf = (state: unknown) => (state as Pick<Progress, 'fingerprint'>).fingerprint;
    const prints = () => Promise.all(paths.map(async (path) => printOf((await readCheckpoint(path)).state)));
    for (const path of paths) {
      const { state, tensors } = await readCheckpoint(path);
      const { framesSha256: _, ...older } = JSON.parse(printOf(state)) as Record<string, unknown>;
      await writeCheckpoint(path, { state: { ...(state as object), fingerprint: JSON.stringify(older) }, tensors });
    }
    const before = await prints();
    const { summary } = await run(given);
    expect(summary).toMatchObject({ isFinished: true, best: { epoch: 2 } }); // written anew
    expect(await prints()).toEqual(before);
  });

  it.each([
    ['its first', 5],
    ['a later', 17],
  ])('ends %s epoch where it was stopped, when no more steps are asked for', async (_, stopAt) => {
    const given = await options({ validationShare: 0.2 });
    const stopped = await run(given, stopAt);
    expect(stopped.summary.isFinished).toBe(false);
    const told: TrainEvent[] = [];
    const summary = await train({ ...given, epochs: 0.1 }, (event) => void told.push(event));
    expect(summary).toMatchObject({ isFinished: true, steps: stopAt });
    expect(summary.exits).toHaveLength(given.network.stages.length);
    const epochs = told.filter(({ type }) => type === 'epoch');
    expect(epochs).toMatchObject([{ epoch: Math.ceil(stopAt / 12), step: stopAt }]); // 12 steps an epoch
    const { state } = await readCheckpoint(join(given.out, 'checkpoint.bin'));
    expect((state as Progress).history.at(-1)).toMatchObject({ step: stopAt });
    const again = await train({ ...given, epochs: 0.1 }, () => {});
    expect(again.exits).toEqual(summary.exits);
  });

  it('refuses the checkpoint of other options', async () => {
    const given = await options({ epochs: 1 });
    await run(given);
    const others: Partial<TrainOptions>[] = [
      { rate: 0.1 },
      { weights: 'opt' },
      { mixedEpochs: 1 },
      { equilibrium: true },
    ];
    for (const other of others) {
      await expect(run({ ...given, ...other })).rejects.toMatchObject({ code: 'bad-argument' });
    }
  });

  it('tells an epoch once its checkpoint is written, with all before it', async () => {
    const given = await options({ epochs: 3 });
    const told: (TrainEvent & { type: 'epoch' })[] = [];
    const stored: number[] = [];
    await train(given, (event) => {
      if (event.type !== 'epoch') return;
      told.push(event);
      stored.push(readStep(readFileSync(join(given.out, 'checkpoint.bin'))));
    });
    expect(told.map(({ epoch, history }) => [epoch, history.length])).toEqual([1, 2, 3].map((n) => [n, n]));
    expect(stored).toEqual(told.map(({ step }) => step));
    expect(told[2]?.history.slice(0, 2)).toEqual(told[1]?.history);
  });

  it('trains the backbone alone in mixed epochs: they are those of opt', async () => {
    const opt = await options({ weights: 'opt', epochs: 1 });
    const sieve = await options({ epochs: 1, mixedEpochs: 1 });
    expect((await run(opt)).losses).toEqual((await run(sieve)).losses);
    expect((await run(await options({ epochs: 1 }))).losses).not.toEqual((await run(opt)).losses);
  });

  it('learns in equilibrium, and otherwise than without', async () => {
    const more = { weights: 'const', oscillate: false } as const;
    const plain = await run(await options(more));
    const even = await run(await options({ ...more, equilibrium: true }));
    expect(even.losses[0]).toBe(plain.losses[0]); // the first step's losses come before any gradient
    expect(even.losses).not.toEqual(plain.losses);
    for (const { accuracy } of even.summary.exits) expect(accuracy).toBeGreaterThan(0.9);
  });

  it('holds no more tensors after more steps, and none at the end', async () => {
    const tf = await loadNative();
    const before = tf.memory().numTensors;
    const counts: number[] = [];
    await train(await options({ epochs: 2 }), (event) => {
      if (event.type === 'step') counts.push(tf.memory().numTensors);
    });
    expect(new Set(counts).size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says what is wrong when there are fewer frames than one batch', async () => {
    await expect(run(await options({ batch: 1000 }))).rejects.toMatchObject({ code: 'bad-data-set' });
  });

  it('reads what it is to be measured on before the first step, and tells what is wrong with it', async () => {
    const bundle = { name: 'n', version: '1', command: 'train', commit: 'c' };
    const given = await options({ epochs: 1 });
    const folder = join(given.out, 'bundle');
    const missing = { ...given, bundle: { ...bundle, folder, test: join(given.out, 'nowhere') } };
    await expect(run(missing)).rejects.toMatchObject({ code: 'bad-data-set' });
    expect(existsSync(join(given.out, 'checkpoint.bin'))).toBe(false);
    const root = await writeTree(await newFolder(), {
      ...Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`red/${i}.png`, image])),
      'blue/bad.png': 'no image',
    });
    const told: string[] = [];
    const note = (event: TrainEvent) => void told.push(event.type === 'bad-frame' ? event.path : event.type);
    await train({ ...given, bundle: { ...bundle, folder, test: root } }, note);
    expect(told.indexOf(join(root, 'blue/bad.png'))).toBeGreaterThan(-1);
    expect(told.indexOf(join(root, 'blue/bad.png'))).toBeLessThan(told.indexOf('started'));
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain(`12 of ${root}`);
  });

  it.each<[string, object, Partial<TrainOptions>]>([
    ['name: Expected a name of lower-case letters', { name: 'My_Photos' }, {}],
    ['version: .*letters, digits', { version: 'one two' }, {}],
    ['classes.2: .*100 characters', {}, { data: { ...data, classes: ['red', 'green', 'b'.repeat(101)] } }],
  ])('says before the first step that no bundle may have: %s', async (message, more, other) => {
    const given = await options({ ...other, epochs: 1 });
    const bundle = { ...bundleIn(given), ...more };
    await expect(run({ ...given, bundle })).rejects.toMatchObject({
      code: 'bad-bundle',
      message: expect.stringMatching(`bundle: at ${message}`),
    });
    expect(existsSync(join(given.out, 'checkpoint.bin'))).toBe(false);
  });

  it('writes nothing over a good checkpoint where the last step of an epoch went wrong, and says so', async () => {
    const given = await options({ epochs: 2, batch: 384, rate: 1e20 }); // one step an epoch
    await expect(run(given)).rejects.toMatchObject({
      code: 'engine-failed',
      message: expect.stringMatching(
        /finite losses on the held-out frames after epoch 1, got .*NaN.*rate is too high.*checkpoint\.bin is left as it was/,
      ),
    });
    expect(await readdir(given.out)).toEqual([]);
  });

  it('tells of frames held out that it learns from too, and refuses a test of its own frames', async () => {
    const twice = { ...data, pixels: data.pixels.slice() };
    twice.pixels.copyWithin(240 * 3072, 0, 240 * 3072); // the second half is the first again, its labels too
    const given = await options({ data: twice, epochs: 1 });
    const to = (test: FrameSet) => ({ ...bundleIn(given), test });
    const part = { ...colours(60), pixels: colours(60).pixels.map((value, i) => (i < 50 * 3072 ? value ^ 1 : value)) };
    const told: TrainEvent[] = [];
    await train({ ...given, bundle: to(part) }, (event) => void told.push(event));
    const { train: learnt, validation } = split(twice, given.validationShare, given.seed);
    const { known } = knownFrames(learnt, validation, null).heldOut;
    expect(known).toBeGreaterThan(50); // of 96
    const event = { heldOut: { frames: 96, known }, test: { frames: 60, known: 10 } };
    expect(told.find(({ type }) => type === 'known-frames')).toEqual({ type: 'known-frames', ...event });
    const card = readFileSync(join(given.out, 'bundle', 'README.md'), 'utf8');
    expect(card).toContain(`${known} of them are, pixel by pixel, among the frames it was trained on too`);
    expect(card).toContain('10 of them are, pixel by pixel, among the training data too');
    const same = await options({ data });
    await expect(train({ ...same, bundle: to(colours(60)) }, () => {})).rejects.toMatchObject({
      code: 'bad-argument',
      message: expect.stringMatching(/`--test` to be frames that are not trained on, got 60 of 60/),
    });
  });

  it('tells on the card what was done, whatever was asked for last', async () => {
    const given = await options({ epochs: 2 });
    const bundle = bundleIn(given);
    const { best } = await train({ ...given, bundle }, () => {});
    const card = () => readFileSync(join(bundle.folder, 'README.md'), 'utf8').replaceAll('\n', ' ');
    expect(card()).toContain(
      `Seed 1, 2 epochs; these are the weights after epoch ${best?.epoch}, the best by the mean accuracy`,
    );
    expect(card()).not.toContain('the command alone');
    const { model } = await train({ ...given, epochs: 1, bundle }, () => {});
    expect(model?.training).toMatchObject({ epochs: 2, heldOut: { frames: 480, framesSha256: framesSha256(data) } });
    expect(card()).toContain(
      'It was asked for from step 0 on 2 epochs in float32, from step 24 on 1 epochs in float32: the command alone may not make the same weights.',
    );
  });

  it('has a card without figures of no frames where a single one is held out', async () => {
    const given = await options({ epochs: 1, batch: 8, validationShare: 0.1 });
    const bundle = bundleIn(given);
    const few = { ...colours(9), classes: ['most', 'one'], labels: Uint16Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1) };
    const { model } = await train({ ...given, data: few, bundle }, () => {});
    expect(model?.quality.measuredOn).toMatch(/^1 frames held out/);
    const card = readFileSync(join(bundle.folder, 'README.md'), 'utf8');
    expect(card).not.toMatch(/NaN|fitted no weights/);
    expect(card).toContain('are of the answer by this rule.');
  });

  it('begins with what another run learnt, and goes on exactly from a stop in it', async () => {
    const first = await options();
    const { summary } = await run(first);
    const again = { from: first.out, epochs: 1, rate: 0.01 };
    const whole = await run(await options(again));
    const fresh = await run(await options({ epochs: 1, rate: 0.01 }));
    const lossOf = ({ losses }: { losses: string[] }) => Number(losses[0]?.split(',').at(-1));
    expect(summary.isFinished).toBe(true);
    expect(lossOf(whole)).toBeLessThan(0.8 * lossOf(fresh));
    const stopped = await options(again);
    const before = await run(stopped, 3);
    const after = await run(stopped);
    expect([...before.losses, ...after.losses]).toEqual(whole.losses);
    await expect(run({ ...stopped, from: stopped.out })).rejects.toThrow(
      /Expected the options and the frames of the checkpoint/,
    );
  });

  it('whitens new stages for the normalisation it goes on with, that of the run it began with', async () => {
    const first = await options({ epochs: 1 });
    await run(first);
    const { normalisation } = (await readCheckpoint(join(first.out, 'checkpoint.bin'))).state as Progress;
    const darker = { ...data, pixels: data.pixels.map((value) => value >> 1) };
    const whiten = { kind: 'whiten', out: 12, kernel: 2, stride: 4 };
    const network = NetworkSchema.parse({
      ...first.network,
      stages: [...first.network.stages, { takes: 'frame', frame: [whiten] }],
    });
    const longer = await options({ data: darker, network, from: first.out });
    await run(longer, 1);
    const { tensors } = await readCheckpoint(join(longer.out, 'checkpoint.bin'));
    const own = tensors.get(`value/stage/${network.stages.length}/frame/0/0/kernel`)?.data;
    const { train: frames } = split(darker, longer.validationShare, longer.seed);
    expect(normalisation).not.toEqual(normalisationOf(frames));
    expect(own).toEqual(whiteningKernel(frames, normalisation, 2, 12, random(longer.seed, 'whitening')));
  });
});
