// `anytime train` the way people use it: from a folder of their own images to a served bundle in three commands; killed, it loses no epoch that
// it told; its flags reach the training.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoDocument } from '../../../../src/cli/demo/run-demo.ts';
import type { Evaluation } from '../../../../src/evaluation/evaluate.ts';
import { readBundle } from '../../../../src/network/bundle.ts';
import { readCheckpoint } from '../../../../src/network/checkpoint.ts';
import type { TrainSummary } from '../../../../src/training/options.ts';
import type { Progress } from '../../../../src/training/progress.ts';
import { scratchFolder, writeTree } from '../../../helpers/data-set-files.ts';
import { hasNative } from '../../../helpers/native.ts';
import { killOpenClis, lastJson, runCli, startCli } from '../../../helpers/run-cli.ts';

const FRAMES = 640;
const BATCH = ['--batch', '64', '--no-flips'];

describe.skipIf(!(await hasNative()))('anytime train', () => {
  let root = '';
  let photos = '';
  beforeAll(async () => {
    root = await scratchFolder();
    photos = join(root, 'photos');
    const drawn = await runCli('anytime.ts', 'glyphs', '--out', photos, '--count', String(FRAMES));
    expect(drawn.code, drawn.stderr).toBe(0);
  });
  afterAll(killOpenClis);

  it('goes from a folder to a served bundle in three commands', async () => {
    const run = join(root, 'mine');
    const bundle = join(run, 'bundle');
    await writeTree(photos, { 'A/broken.jpg': 'no image' });
    const flags = [...BATCH, '--network', 'tiny', '--width', '16', '--epochs', '12', '--out', run, '--name', 'mine'];
    const trained = await runCli('anytime.ts', 'train', '--data', photos, ...flags, '--validation', '0.1', '--json');
    expect(trained.code, trained.stderr).toBe(0);
    expect(trained.stderr).toMatch(/A.broken\.jpg: left out: Expected/);
    expect(lastJson<TrainSummary>(trained)).toMatchObject({ isFinished: true, steps: 12 * 9, bundle });
    expect(await readFile(join(run, 'curves.svg'), 'utf8')).toContain('mine: accuracy on held-out frames');
    expect(await readFile(join(bundle, 'README.md'), 'utf8')).toContain('# mine 1');

    const evaluated = await runCli(
      'anytime.ts',
      'evaluate',
      '--model',
      bundle,
      '--data',
      photos,
      '--backend',
      'wasm',
      '--json',
    );
    expect(evaluated.code, evaluated.stderr).toBe(0);
    const { exits, frames } = lastJson<Evaluation>(evaluated);
    expect(frames).toBe(FRAMES);
    // Guessing is 1 in 32; a tiny network after seconds of training is far from good, but it has learned.
    expect(exits.at(-1)?.accuracy).toBeGreaterThan(3 / 32);

    const demo = ['--model', bundle, '--frames', photos, '--rate', '40', '--seconds', '2', '--backend', 'wasm'];
    const served = await runCli('anytime.ts', 'demo', ...demo, '--deadline-ms', 'none', '--json');
    expect(served.code, served.stderr).toBe(0);
    const document = lastJson<DemoDocument>(served);
    expect(document.coarse).toBeGreaterThan(40);
    expect(document).toMatchObject({ final: document.frames, lost: 0 });
  }, 90_000);

  it('killed, goes on after the last epoch that it told', async () => {
    const out = join(root, 'killed');
    const flags = ['train', '--data', photos, '--network', 'tiny', '--out', out, ...BATCH, '--epochs', '400'];
    const first = startCli('anytime.ts', flags);
    await first.said('Epoch 2 of');
    first.child.kill('SIGKILL');
    await first.done;
    const { step } = (await readCheckpoint(join(out, 'checkpoint.bin'))).state as Progress;
    const stepsPerEpoch = Math.floor((FRAMES * 0.95) / 64);
    expect(step).toBeGreaterThanOrEqual(2 * stepsPerEpoch);
    expect(existsSync(join(out, 'best.bin'))).toBe(true);
    const second = startCli('anytime.ts', [...flags, '--resume']);
    await second.said(`going on from step ${step}`);
    second.child.kill('SIGINT');
    expect((await second.done).code).toBe(130);
  }, 60_000);

  it('takes another input size, the first stages only, and every way to weigh', async () => {
    const out = join(root, 'sized');
    const how = [
      '--weights',
      'adaloss',
      '--no-oscillate',
      '--mixed',
      '1',
      '--equilibrium',
      '--epochs',
      '2',
      '--limit',
      '320',
    ];
    const run = await runCli(
      'anytime.ts',
      'train',
      '--data',
      photos,
      '--network',
      'tiny',
      '--out',
      out,
      ...BATCH,
      ...how,
      '--size',
      '48',
      '--stages',
      '2',
    );
    expect(run.code, run.stderr).toBe(0);
    const { model } = await readBundle(join(out, 'bundle'));
    expect(model.network.input).toEqual({ height: 48, width: 48, channels: 3 });
    expect(model.stages).toHaveLength(2);
    const { weightState, fingerprint } = (await readCheckpoint(join(out, 'checkpoint.bin'))).state as Progress;
    expect(weightState).toHaveLength(2);
    expect(JSON.parse(fingerprint)).toMatchObject({
      weights: 'adaloss',
      oscillate: false,
      mixedEpochs: 1,
      equilibrium: true,
    });
  }, 60_000);

  it('says which width a network cannot have', async () => {
    const run = await runCli('anytime.ts', 'train', '--data', photos, '--network', 'cifar10', '--width', '5');
    expect(run.code).not.toBe(0);
    expect(run.stderr).toMatch(/Expected --width to be channels that the network cifar10 can have, got 5/);
    expect(run.stderr).not.toMatch(/ZodError|node_modules/);
  });

  it('begins with a bundle, in whose network it trains unless told otherwise', async () => {
    const [first, again] = [join(root, 'first'), join(root, 'again')];
    const flags = ['--data', photos, ...BATCH, '--limit', '320', '--epochs', '1'];
    const how = ['--network', 'tiny', '--width', '8', '--size', '40', '--out', first];
    expect((await runCli('anytime.ts', 'train', ...flags, ...how)).code).toBe(0);
    const run = await runCli('anytime.ts', 'train', ...flags, '--from', join(first, 'bundle'), '--out', again);
    expect(run.code, run.stderr).toBe(0);
    const { model } = await readBundle(join(again, 'bundle'));
    expect(model.network).toEqual((await readBundle(join(first, 'bundle'))).model.network);
    expect(model.training.heldOut).toMatchObject({ frames: 320, validationShare: 0.05 });

    const other = await runCli(
      'anytime.ts',
      'train',
      ...flags,
      '--from',
      join(first, 'bundle'),
      '--out',
      join(root, 'other'),
      '--seed',
      '2',
      '--no-resume',
    );
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('because it learnt from the other frames, got 2 and 0.05');
  }, 90_000);
});
