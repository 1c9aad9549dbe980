// A training that begins with what another run learnt.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeCheckpoint } from '../../../src/network/checkpoint.ts';
import { beginFrom, type HeldOut, type NewTraining } from '../../../src/training/begin-from.ts';
import { writeBest } from '../../../src/training/best.ts';
import type { Kernels } from '../../../src/training/kernels.ts';
import { initialParameters, type Parameter } from '../../../src/training/parameters.ts';
import { presetNetwork } from '../../../src/training/presets.ts';
import { random } from '../../../src/training/random.ts';
import { resized } from '../../../src/training/resized.ts';
import { grown } from '../../helpers/grown-network.ts';

const network = presetNetwork('tiny');
const classes = ['cat', 'dog', 'fox'];
const normalisation = { mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] };
const heldOut: HeldOut = { frames: 480, framesSha256: 'a1', seed: 1, validationShare: 0.2 };

const parametersOf = (count: number, seed: number, of = network): Parameter[] =>
  initialParameters(of, count, random(seed, 'test'), (kernel, out) =>
    new Float32Array(kernel * kernel * 3 * out).fill(seed),
  );
const learnt = parametersOf(classes.length, 7);

/** A new training; a run needs neither kernels nor frames. */
const trainingOf = (fresh: readonly Parameter[], names = classes, held = heldOut): NewTraining => ({
  ...{ fresh: () => fresh, network, classes: names, heldOut: held },
  kernels: null as unknown as Kernels,
  batches: () => [],
});

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'begin-from-'));
  const state = { fingerprint: JSON.stringify({ ...heldOut, batch: 32, network }), classes, normalisation };
  const tensors = new Map(learnt.map(({ name, shape, values }) => [`average/${name}`, { shape, data: values }]));
  await writeCheckpoint(join(folder, 'checkpoint.bin'), { state, tensors });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('beginFrom', () => {
  it('takes every parameter and the normalisation of the run', async () => {
    const begun = await beginFrom(folder, trainingOf(parametersOf(3, 1)));
    expect(begun.parameters).toEqual(learnt);
    expect(begun.normalisation).toEqual(normalisation);
  });

  it.each([
    ['more of them', ['cat', 'dog', 'fox', 'owl']],
    ['others in the same number', ['ant', 'bee', 'fly']],
  ])('keeps its own heads for other classes: %s', async (_, others) => {
    const fresh = parametersOf(others.length, 1);
    const { parameters } = await beginFrom(folder, trainingOf(fresh, others, { ...heldOut, frames: 500, seed: 9 }));
    for (const [i, parameter] of parameters.entries()) {
      const from = parameter.role === 'head' ? fresh : learnt;
      expect(parameter.values).toEqual(from[i]?.values);
    }
  });

  it('begins the stages anew that the run has not', async () => {
    const fresh = parametersOf(3, 1, grown(network));
    const { parameters } = await beginFrom(folder, trainingOf(fresh));
    expect(fresh.length).toBeGreaterThan(learnt.length);
    expect(parameters).toEqual([...learnt, ...fresh.slice(learnt.length)]);
  });

  it('refuses a body of another shape, and says where', async () => {
    const wider = parametersOf(3, 1, presetNetwork('tiny', 8));
    await expect(beginFrom(folder, trainingOf(wider))).rejects.toThrow(
      /of this network: stage\/1\/frame.* has the shape 3×3×3×8, there 3×3×3×4/,
    );
  });

  it('refuses to hold out frames that the run learnt from', async () => {
    for (const other of [{ seed: 2 }, { validationShare: 0.1 }])
      await expect(
        beginFrom(folder, trainingOf(parametersOf(3, 1), classes, { ...heldOut, ...other })),
      ).rejects.toThrow(/because it learnt from the other frames/);
  });

  it.each<[string, Partial<HeldOut>, boolean]>([
    ['the same frames', {}, false],
    ['more frames', { frames: 500, seed: 2 }, true],
    ['as many other frames', { framesSha256: 'b2', seed: 2 }, true],
  ])('says whether it may know what is held out: %s', async (_, other, mayKnow) => {
    const held = { ...heldOut, ...other };
    const begun = await beginFrom(folder, trainingOf(parametersOf(3, 1), classes, held));
    expect(begun.mayKnowHeldOut).toBe(mayKnow);
    const others = trainingOf(parametersOf(3, 1), ['ant', 'bee', 'fly'], held);
    expect((await beginFrom(folder, others)).mayKnowHeldOut).toBe(false);
  });

  it('may know what is held out where only some of the classes are those it learnt: the body is taken', async () => {
    const more = ['bee', ...classes];
    const begun = await beginFrom(folder, trainingOf(parametersOf(4, 1), more, { ...heldOut, frames: 500 }));
    expect(begun.mayKnowHeldOut).toBe(true);
  });

  it.each<[string, readonly string[], Partial<HeldOut>, number, boolean | 'error']>([
    ['as many frames of some other classes', ['cat', 'dog', 'owl'], { framesSha256: undefined }, 32, true],
    ['of them held out otherwise', ['cat', 'dog', 'owl'], { framesSha256: undefined, seed: 2 }, 32, true],
    ['the same frames, held out otherwise, under other names', ['cat', 'dog', 'owl'], { seed: 2 }, 32, 'error'],
    ['the same images in another size', classes, { framesSha256: 'b2' }, 48, false],
    ['the same images in another size, held out otherwise', classes, { framesSha256: 'b2', seed: 2 }, 48, 'error'],
  ])('says whether it may know what is held out: %s', async (_, names, other, size, mayKnow) => {
    const training = trainingOf(parametersOf(3, 1), [...names], { ...heldOut, ...other });
    const begun = beginFrom(folder, { ...training, network: resized(network, size) });
    if (mayKnow === 'error') await expect(begun).rejects.toThrow(/because it learnt from the other frames/);
    else expect((await begun).mayKnowHeldOut).toBe(mayKnow);
  });

  it('begins with the best epoch, and may know what that run began with', async () => {
    const own = await mkdtemp(join(tmpdir(), 'begin-from-best-'));
    const [last, best] = [parametersOf(classes.length, 3), parametersOf(classes.length, 4)];
    const named = (parameters: readonly Parameter[], prefix: string) =>
      new Map(parameters.map(({ name, shape, values }) => [prefix + name, { shape, data: values }]));
    const fingerprint = JSON.stringify({ ...heldOut, batch: 32, network });
    const state = { fingerprint, classes, normalisation, mayKnowHeldOut: true };
    const kept = { epoch: 2, step: 20, meanAccuracy: 0.9, exits: [] };
    await writeCheckpoint(join(own, 'checkpoint.bin'), {
      state: { ...state, best: kept },
      tensors: named(last, 'average/'),
    });
    const begin = () => beginFrom(own, trainingOf(parametersOf(3, 1)));
    expect((await begin()).parameters).toEqual(last); // best.bin is gone
    await writeBest(own, fingerprint, kept, named(best, ''));
    expect(await begin()).toMatchObject({ parameters: best, mayKnowHeldOut: true });
    await writeBest(own, fingerprint, { ...kept, step: 30 }, named(best, ''));
    expect((await begin()).parameters).toEqual(last); // of another epoch than the checkpoint tells
    const other = trainingOf(parametersOf(3, 1), classes, { ...heldOut, seed: 2 });
    await expect(beginFrom(own, other)).rejects.toThrow(/because it learnt from the other frames/);
    await rm(own, { recursive: true });
  });

  it('names the folder that holds neither a run nor a bundle', async () => {
    await expect(beginFrom(join(folder, 'none'), trainingOf(learnt))).rejects.toThrow(
      /Expected a run \(checkpoint\.bin\) or a bundle in .*none, got neither/,
    );
  });
});
