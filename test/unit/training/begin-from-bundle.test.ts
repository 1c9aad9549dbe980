// A training that begins with a bundle answers as the bundle does before its first step, and holds out what the bundle never learnt from.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scoresInThread } from '../../../src/evaluation/exit-answers.ts';
import { type Bundle, readBundle } from '../../../src/network/bundle.ts';
import { loadNative } from '../../../src/network/tensorflow-native.ts';
import { makeBatch } from '../../../src/training/augment.ts';
import { beginFrom, type NewTraining } from '../../../src/training/begin-from.ts';
import type { FrameSet } from '../../../src/training/frames.ts';
import { nativeKernels } from '../../../src/training/kernels.ts';
import { createLearner } from '../../../src/training/learner.ts';
import { TRAIN_DEFAULTS, type TrainOptions } from '../../../src/training/options.ts';
import { initialParameters } from '../../../src/training/parameters.ts';
import { presetNetwork } from '../../../src/training/presets.ts';
import { random } from '../../../src/training/random.ts';
import { train } from '../../../src/training/train.ts';
import { grown } from '../../helpers/grown-network.ts';
import { hasNative } from '../../helpers/native.ts';

/** Two classes of noisy frames: bright at the top, bright at the bottom. */
function halves(count: number, seed: number): FrameSet {
  const source = random(seed, 'halves');
  const labels = Uint16Array.from({ length: count }, (_, i) => i % 2);
  const pixels = Uint8Array.from({ length: count * 3072 }, (_, i) => {
    const isLit = i % 3072 < 1536 === (labels[Math.floor(i / 3072)] === 0);
    return Math.max(0, Math.min(255, 110 + 90 * source.normal() + (isLit ? 6 : 0)));
  });
  return { name: 'halves', classes: ['top', 'bottom'], height: 32, width: 32, pixels, labels };
}

describe.skipIf(!(await hasNative()))('a training that begins with a bundle', async () => {
  if (!(await hasNative())) return;
  const kernels = nativeKernels(await loadNative());
  const network = presetNetwork('tiny');
  const data = halves(800, 1);
  const all = Int32Array.from(data.labels.keys());
  let folder = '';
  let bundle: Bundle;
  const optionsOf = (name: string): TrainOptions => ({
    ...TRAIN_DEFAULTS,
    ...{ data, network, flips: false, epochs: 4, batch: 50, validationShare: 0.2, seed: 4, out: join(folder, name) },
    bundle: { folder: join(folder, name, 'bundle'), name, version: '1', command: 'anytime train …', commit: 'abc' },
  });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'begin-from-bundle-'));
    await train(optionsOf('first'), () => {});
    bundle = await readBundle(join(folder, 'first', 'bundle'));
  });
  afterAll(async () => {
    kernels.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  /** A new training, whose first values have nothing to do with the bundle. */
  const trainingOf = (classes: readonly string[], of = network): NewTraining => {
    const source = random(9, 'fresh');
    const whitening = (k: number, out: number) => Float32Array.from({ length: k * k * 3 * out }, () => source.normal());
    const fresh = initialParameters(of, classes.length, source, whitening);
    return {
      ...{ network: of, classes, kernels, heldOut: { frames: 800, seed: 4, validationShare: 0.2 } },
      fresh: () => fresh,
      batches: (to) => [makeBatch(data, to, all.subarray(0, 400), null), makeBatch(data, to, all.subarray(400), null)],
    };
  };

  const freshOf = ({ fresh }: NewTraining) => fresh(bundle.model.normalisation);

  it('has the answers of the bundle, before its temperatures', async () => {
    const { parameters, normalisation } = await beginFrom(join(folder, 'first', 'bundle'), trainingOf(data.classes));
    expect(normalisation).toEqual(bundle.model.normalisation);
    const learner = createLearner(kernels, network, 2, parameters, { ...TRAIN_DEFAULTS, betaRateFactor: 8 });
    const begun = learner.scores(makeBatch(data, normalisation, all, null));
    learner.dispose();
    const served = scoresInThread(network, bundle.tensors, bundle.model.normalisation, data, { batch: 100 });
    begun.forEach((scores, exit) => {
      const temperature = bundle.model.quality.exits[exit]?.calibration?.temperature as number;
      let furthest = 0;
      for (let i = 0; i < scores.length; i += 2) {
        const logit = (of: ArrayLike<number>) => Math.log((of[i] as number) / (of[i + 1] as number));
        furthest = Math.max(furthest, Math.abs(logit(scores) - temperature * logit(served[exit] as Float32Array)));
      }
      expect(temperature).not.toBe(1);
      expect(furthest).toBeLessThan(0.25); // the spread of 800 frames is not quite that of the 640 it learnt from
    });
  });

  it('gives every kernel its fresh length, which decides how fast it learns', async () => {
    const training = trainingOf(data.classes);
    const { parameters } = await beginFrom(join(folder, 'first', 'bundle'), training);
    parameters.forEach(({ name, role, shape, values }, i) => {
      if (role !== 'kernel') return;
      const out = shape[3] as number;
      const length = (of: Float32Array) => Math.hypot(...of.filter((_, at) => at % out === 0));
      expect(length(values), name).toBeCloseTo(length(freshOf(training)[i]?.values as Float32Array), 4);
      expect(values, name).not.toEqual(freshOf(training)[i]?.values);
    });
  });

  it('keeps its own heads for other classes', async () => {
    const training = trainingOf(['top', 'bottom', 'neither']);
    const { parameters } = await beginFrom(join(folder, 'first', 'bundle'), training);
    const heads = parameters.filter(({ role }) => role === 'head');
    expect(heads).toEqual(freshOf(training).filter(({ role }) => role === 'head'));
  });

  it('begins a longer network with all that it has, and the stages behind it anew', async () => {
    const from = join(folder, 'first', 'bundle');
    const known = await beginFrom(from, trainingOf(data.classes));
    const longer = trainingOf(data.classes, grown(network));
    const { parameters } = await beginFrom(from, longer);
    expect(parameters.length).toBeGreaterThan(known.parameters.length);
    expect(parameters.slice(0, known.parameters.length)).toEqual(known.parameters);
    expect(parameters.slice(known.parameters.length)).toEqual(freshOf(longer).slice(known.parameters.length));
  });

  it('begins better than anew, and its first epoch does not undo that', async () => {
    const first = { ...optionsOf('second'), epochs: 1, rate: 0.02, from: join(folder, 'first', 'bundle') };
    const again = await train(first, () => {});
    const anew = await train({ ...optionsOf('anew'), epochs: 1, rate: 0.02 }, () => {});
    const last = (of: typeof again) => of.exits.at(-1)?.loss as number;
    expect(last(again)).toBeLessThan(last(anew) - 0.05);
  });

  it('may know what is held out where it learnt from as many other frames, or began so itself', async () => {
    const from = join(folder, 'first', 'bundle');
    const { heldOut } = bundle.model.training;
    const of = (framesSha256: string) => {
      const training = trainingOf(data.classes);
      return { ...training, heldOut: { ...training.heldOut, framesSha256 } };
    };
    expect((await beginFrom(from, of(heldOut?.framesSha256 as string))).mayKnowHeldOut).toBe(false);
    expect((await beginFrom(from, of('0'.repeat(64)))).mayKnowHeldOut).toBe(true);
    const others = { ...optionsOf('others'), data: halves(800, 2), epochs: 1, from };
    const told: string[] = [];
    const { model } = await train(others, ({ type }) => void told.push(type));
    expect(told).toContain('may-know-held-out');
    expect(model?.training.heldOut).toMatchObject({ mayBeKnown: true });
    expect(await readFile(join(folder, 'others', 'bundle', 'README.md'), 'utf8')).toContain(
      'What it began with learnt',
    );
    // the same frames again, but what it begins with began with others
    for (const source of ['others', 'others/bundle']) {
      const then = { ...others, out: join(folder, `after-${source.length}`), from: join(folder, source) };
      const { model: heir } = await train(
        {
          ...then,
          bundle: { ...then.bundle, folder: join(then.out, 'bundle') } as NonNullable<TrainOptions['bundle']>,
        },
        () => {},
      );
      expect(heir?.training.heldOut).toMatchObject({ mayBeKnown: true });
    }
  });

  it('refuses another network, and to hold out frames that the bundle learnt from', async () => {
    const from = join(folder, 'first', 'bundle');
    await expect(beginFrom(from, trainingOf(data.classes, presetNetwork('tiny', 8)))).rejects.toThrow(
      /of this network: stage\/1\/frame.* has the shape 3×3×3×8, there 3×3×3×4/,
    );
    const before = kernels.tf.memory().numTensors;
    await expect(train({ ...optionsOf('third'), seed: 5, from }, () => {})).rejects.toThrow(
      /Expected the seed and the share held out .* \(4 and 0\.2\).* got 5 and 0\.2/,
    );
    expect(kernels.tf.memory().numTensors).toBe(before);
  });

  it('refuses another seed with an older bundle, which does not say how many frames there were', async () => {
    const older = join(folder, 'older');
    await cp(join(folder, 'first', 'bundle'), older, { recursive: true });
    const model = JSON.parse(await readFile(join(older, 'model.json'), 'utf8'));
    delete model.training.heldOut;
    await writeFile(join(older, 'model.json'), JSON.stringify(model));
    await expect(train({ ...optionsOf('fourth'), seed: 5, from: older }, () => {})).rejects.toThrow(
      /because it learnt from the other frames, got 5/,
    );
  });
});
