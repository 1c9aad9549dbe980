import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBundle, readModel, writeBundle, writeCalibration } from '../../../src/network/bundle.ts';
import type { Model } from '../../../src/network/model.ts';
import { EVERY_KIND, randomBundle } from '../../helpers/random-bundle.ts';

const { model, tensors } = randomBundle(EVERY_KIND, 3);
let folder: string;
const write = (dtype: 'float16' | 'float32' = 'float32') => writeBundle(folder, model, tensors, '# Card\n', dtype);
const calibration = { data: 'held-out/', frames: 500, averageBudget: 0.4, date: '2026-01-02' };
async function changeModel(change: (model: Model) => void): Promise<void> {
  const path = join(folder, 'model.json');
  const json = JSON.parse(await readFile(path, 'utf8'));
  change(json);
  await writeFile(path, JSON.stringify(json));
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a bundle', () => {
  it('comes back as it was written', async () => {
    const written = await write();
    const bundle = await readBundle(folder);
    expect(bundle.model).toEqual(written);
    expect(bundle.tensors).toEqual(tensors);
    expect(await readModel(folder)).toEqual(written);
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe('# Card\n');
  });

  it('takes another threshold, or one per exit, and nothing else changes', async () => {
    const written = await write();
    const { sha256 } = written.weights;
    for (const threshold of [0.5, [0.9, 0.8, Math.fround(0.7), 0.6, 0]]) {
      const changed = { defaultMinConfidence: threshold, calibration };
      await writeCalibration(folder, changed, sha256);
      expect(await readModel(folder)).toEqual({ ...written, ...changed });
    }
    const tooFew = { defaultMinConfidence: [0.9, 0.8], calibration };
    await expect(writeCalibration(folder, tooFew, sha256)).rejects.toMatchObject({ code: 'bad-bundle' });
    expect((await readModel(folder)).defaultMinConfidence).toHaveLength(5);
  });

  it('says on its card how it was calibrated last, whatever else is there', async () => {
    const { sha256 } = (await write()).weights;
    const card = () => readFile(join(folder, 'README.md'), 'utf8');
    await writeCalibration(folder, { defaultMinConfidence: 0.5, calibration }, sha256);
    const once = await card();
    expect(once).toMatch(/^# Card\n\n## Calibrated since\n/);
    expect(once).toContain('Default threshold 0.5: most accurate for a mean cost of 0.4 passes a frame.');
    expect(once).toContain('on 500 frames of held-out/, 2026-01-02.');
    expect(once).toContain('Answer rule: **latest**. Tables of `model.json`: nothing: random weights.');
    await writeCalibration(folder, { defaultMinConfidence: 0.5, calibration }, sha256);
    expect(await card()).toBe(once);
    await writeFile(join(folder, 'README.md'), `${once}\n## Mine\nKept.\n`);
    const { averageBudget: _, ...rest } = calibration;
    const promised = { ...rest, epsilon: 0.01, delta: 0.05 };
    await writeCalibration(folder, { defaultMinConfidence: [0.9, 0.8, 0.7, 0.6, 0], calibration: promised }, sha256);
    expect(await card()).toMatch(
      /since\n.*0\.9 \| 0\.8 \| .*at most 0\.01 of accuracy .*0\.95.*\n\n## Mine\nKept\.\n$/s,
    );
    expect(await card()).not.toContain('mean cost');
    await rm(join(folder, 'README.md'));
    await writeCalibration(folder, { defaultMinConfidence: 0.4, calibration }, sha256);
    expect((await readModel(folder)).defaultMinConfidence).toBe(0.4);
  });

  it('refuses a calibration of other weights than it has by now', async () => {
    const written = await write();
    const of = writeCalibration(folder, { defaultMinConfidence: 0.5, calibration }, 'f'.repeat(64));
    await expect(of).rejects.toMatchObject({ code: 'bad-bundle', message: expect.stringMatching(/got .*meanwhile/) });
    expect(await readModel(folder)).toEqual(written);
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe('# Card\n');
  });

  it('takes half the space in half precision and keeps 3 digits', async () => {
    const whole = await write();
    const half = await write('float16');
    expect(half.weights.bytes).toBe(whole.weights.bytes / 2);
    const bundle = await readBundle(folder);
    for (const [name, { data }] of tensors)
      bundle.tensors.get(name)?.data.forEach((value, i) => {
        expect(Math.abs(value - (data[i] as number))).toBeLessThanOrEqual(
          Math.abs(data[i] as number) / 2048 + 2 ** -25,
        );
      });
  });
});

describe('what is no whole bundle is one clear error', () => {
  const refused = (message: RegExp) =>
    expect(readBundle(folder)).rejects.toMatchObject({ code: 'bad-bundle', message: expect.stringMatching(message) });

  it('an empty folder, and no folder', async () => {
    await refused(/model\.json: Expected a readable file of a bundle, got nothing there/);
    await expect(readBundle(join(folder, 'no'))).rejects.toMatchObject({ code: 'bad-bundle' });
  });

  it('a folder where a file should be', async () => {
    await write();
    await changeModel((m) => Object.assign(m.weights, { file: '..' }));
    await refused(/inside the bundle's folder/);
  });

  it('a version that would act on the terminal it is shown on', async () => {
    await write();
    await changeModel((m) => Object.assign(m, { version: '\u001b]0;title\u0007' }));
    await refused(/at version.*letters, digits/s);
  });

  it('a model.json that is no JSON, or cut off', async () => {
    await write();
    await truncate(join(folder, 'model.json'), 200);
    await refused(/Expected JSON/);
  });

  it('a model.json of another program', async () => {
    await writeFile(join(folder, 'model.json'), '{"format":"layers-model","weightsManifest":[]}');
    await refused(/at format/);
  });

  it('a huge model.json', async () => {
    await writeFile(join(folder, 'model.json'), ' '.repeat(4 * 1024 ** 2 + 1));
    await refused(/at most 4194304 bytes/);
  });

  it('weights missing, cut off, grown or changed', async () => {
    const { weights } = await write();
    const path = join(folder, weights.file);
    const bytes = await readFile(path);
    await truncate(path, bytes.length - 4);
    await refused(new RegExp(`Expected ${bytes.length} bytes, got ${bytes.length - 4}`));
    await writeFile(path, Buffer.concat([bytes, bytes]));
    await refused(/Expected \d+ bytes/);
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await refused(/SHA-256/);
    await rm(path);
    await refused(/nothing there/);
  });

  it('weights that are a link out of the folder', async () => {
    const { weights } = await write();
    const outside = await mkdtemp(join(tmpdir(), 'elsewhere-'));
    await writeFile(join(outside, 'w'), await readFile(join(folder, weights.file)));
    await rm(join(folder, weights.file));
    await symlink(join(outside, 'w'), join(folder, weights.file));
    await refused(/inside the bundle's folder/);
    await rm(outside, { recursive: true });
  });

  it('names that lead out of the folder', async () => {
    await write();
    for (const file of ['../weights.bin', '/etc/passwd', 'a/../../b', 'a\\b', '..', '.', 'w\0.bin', '']) {
      await changeModel((m) => Object.assign(m.weights, { file }));
      await refused(/weights\.file|inside the bundle's folder|Expected a file/);
    }
  });

  it.skipIf(process.platform === 'win32')('a pipe that nobody writes to', async () => {
    execFileSync('mkfifo', [join(folder, 'model.json')]);
    await refused(/got a folder, pipe or device/);
  });

  it('a network that demands more than any machine has, before its weights are read', async () => {
    const { weights } = await write();
    await rm(join(folder, weights.file));
    await changeModel((m) => Object.assign(m.network.input, { height: 4096, width: 4096 }));
    await refused(/network\.input: Expected at most 16777216 values/);
    await changeModel((m) => Object.assign(m.network.input, { height: 64, width: 64 }));
    const wide = { kind: 'conv', out: 4096, kernel: 7, stride: 1 };
    await changeModel((m) => Object.assign(m.network, { stages: [{ takes: 'frame', frame: [wide, wide] }] }));
    await refused(/network: Expected at most 200000000000 multiply-accumulates/);
    await changeModel((m) => Object.assign(m.network.input, { height: 512, width: 512 }));
    await refused(/network\.stages\.0\.frame\.0: Expected at most 16777216 values/);
  });

  it('more than the fields it may have, JSON without end, prototypes', async () => {
    await write();
    await changeModel((m) => Object.assign(m, { main: 'index.js' }));
    await refused(/main/);
    const text = (await readFile(join(folder, 'model.json'), 'utf8')).replace('"main"', '"__proto__"');
    await writeFile(join(folder, 'model.json'), text);
    await refused(/__proto__/);
    await writeFile(join(folder, 'model.json'), '['.repeat(4 * 1024 ** 2));
    await refused(/Expected JSON/);
  });

  it('values that are no numbers', async () => {
    const broken = new Map([...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
    const bias = broken.get('stage/3/head/bias');
    if (bias) bias.data[1] = Number.NaN;
    await expect(writeBundle(folder, model, broken, '', 'float32')).rejects.toThrow(
      /stage\/3\/head\/bias.*finite.*NaN at 1/,
    );
    if (bias) bias.data[1] = 70_000;
    await expect(writeBundle(folder, model, broken, '', 'float16')).rejects.toThrow(/finite.*70000|finite.*Infinity/);
  });

  it('tensors that are not the network’s, already when they are written', async () => {
    const { tensors: few } = { tensors: new Map([...tensors].slice(1)) };
    await expect(writeBundle(folder, model, few, '', 'float32')).rejects.toMatchObject({ code: 'bad-bundle' });
    const more = new Map([...tensors, ['x', { shape: [1], data: Float32Array.of(1) }]]);
    await expect(writeBundle(folder, model, more, '', 'float32')).rejects.toThrow('tensor "x"');
    expect(await readModel(folder).catch((error) => error.code)).toBe('bad-bundle');
  });
});
