// The best epoch's weights are kept apart, found again, and exported when the last epoch is worse.
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBundle } from '../../../src/network/bundle.ts';
import { readCheckpoint, writeCheckpoint } from '../../../src/network/checkpoint.ts';
import { type Best, better, meanAccuracy, readBest, writeBest } from '../../../src/training/best.ts';
import type { FrameSet } from '../../../src/training/frames.ts';
import { TRAIN_DEFAULTS, type TrainEvent } from '../../../src/training/options.ts';
import { presetNetwork } from '../../../src/training/presets.ts';
import type { Progress } from '../../../src/training/progress.ts';
import { random } from '../../../src/training/random.ts';
import { train } from '../../../src/training/train.ts';
import { scratchFolder } from '../../helpers/data-set-files.ts';
import { hasNative } from '../../helpers/native.ts';

const best = (step: number, mean: number): Best => ({ epoch: step, step, meanAccuracy: mean, exits: [] });

describe('better', () => {
  it('takes the higher mean accuracy of the exits, and of equals the later', () => {
    expect(better(null, best(1, 0.2)).step).toBe(1);
    expect(better(best(1, 0.5), best(2, 0.4)).step).toBe(1);
    expect(better(best(1, 0.5), best(2, 0.5)).step).toBe(2);
    const exits = [0.5, 0.75, 1].map((accuracy) => ({ loss: 1, accuracy }));
    expect(meanAccuracy(exits)).toBe(0.75);
  });
});

describe('readBest', () => {
  it('gives the weights of that very epoch and of no other', async () => {
    const folder = await scratchFolder();
    expect(await readBest(folder, 'f', best(3, 0.5))).toBeNull();
    const tensors = new Map([['w', { shape: [2], data: Float32Array.of(1, 2) }]]);
    await writeBest(folder, 'f', best(3, 0.5), tensors);
    expect(await readBest(folder, 'f', best(3, 0.5))).toEqual(tensors);
    expect(await readBest(folder, 'f', best(4, 0.5))).toBeNull();
    expect(await readBest(folder, 'other options', best(3, 0.5))).toBeNull();
  });
});

describe.skipIf(!(await hasNative()))('train', () => {
  it('exports the best epoch when the last is worse', async () => {
    const source = random(1, 'noise');
    const labels = Uint16Array.from({ length: 300 }, (_, i) => i % 2);
    const pixels = Uint8Array.from({ length: 300 * 3072 }, (_, i) =>
      Math.max(0, Math.min(255, 120 + 60 * source.normal() + (labels[Math.floor(i / 3072)] === 0 ? 3 : -3))),
    );
    const data: FrameSet = { name: 'noise', classes: ['a', 'b'], height: 32, width: 32, pixels, labels };
    const out = await scratchFolder();
    const network = presetNetwork('tiny');
    const description = { name: 'noise', version: '1', command: '…', commit: 'abc' };
    const given = { ...TRAIN_DEFAULTS, data, network, out, epochs: 2, batch: 50, validationShare: 0.2 };
    await train(given, () => {});
    // A first epoch that no later one beats, with weights of its own: every exit says "b" whatever it sees.
    const path = join(out, 'checkpoint.bin');
    const { state, tensors } = await readCheckpoint(path);
    const { history, fingerprint } = state as Progress;
    const first: Best = { epoch: 1, step: history[0]?.step ?? 0, meanAccuracy: 2, exits: history[0]?.exits ?? [] };
    const averages = new Map(
      [...tensors].flatMap(([name, t]) => (name.startsWith('average/') ? [[name.slice('average/'.length), t]] : [])),
    ) as typeof tensors;
    const rigged = new Map(
      [...averages].map(([name, t]) => [
        name,
        name.endsWith('head/bias') ? { ...t, data: Float32Array.of(-99, 99) } : t,
      ]),
    );
    await writeBest(out, fingerprint, first, rigged);
    await writeCheckpoint(path, { state: { ...(state as Progress), best: first }, tensors });

    const told: TrainEvent[] = [];
    const bundle = { ...description, folder: join(out, 'bundle') };
    const summary = await train({ ...given, bundle }, (event) => told.push(event));
    expect(told.at(-1)).toMatchObject({ type: 'finished', best: { epoch: 1 } });
    expect(summary.exits).toEqual(first.exits);
    const { tensors: served } = await readBundle(bundle.folder);
    const bias = served.get('stage/1/head/bias')?.data ?? [];
    expect((bias[1] ?? 0) - (bias[0] ?? 0)).toBeGreaterThan(1);
    expect(await readFile(join(bundle.folder, 'README.md'), 'utf8')).toContain('50.00 %');

    await rename(join(out, 'best.bin'), join(out, 'elsewhere.bin'));
    const last = await train({ ...given, bundle }, () => {});
    expect(last.exits).toEqual(history.at(-1)?.exits);
  });
});
