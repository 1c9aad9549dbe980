// Checkpoints come back as they were written, and a damaged file is one clear error.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../../src/network/checkpoint.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoint-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const checkpoint = {
  state: { step: 12, rates: [0.1, 0.2] },
  tensors: new Map([
    ['a/kernel', { shape: [2, 2], data: Float32Array.of(1.5, -2e-30, Number.POSITIVE_INFINITY, 4) }],
    ['b', { shape: [1], data: Float32Array.of(-0) }],
  ]),
};

describe('checkpoint', () => {
  it('reads back what was written, bit for bit, also over an older one', async () => {
    const path = join(folder, 'one.bin');
    await writeCheckpoint(path, { state: null, tensors: new Map() });
    await writeCheckpoint(path, checkpoint);
    expect(await readCheckpoint(path)).toEqual(checkpoint);
  });

  it('keeps the old one, and fails, where the new one is written in part only', async () => {
    const path = join(folder, 'full.bin');
    await writeCheckpoint(path, checkpoint);
    const script = `
      import { writeCheckpoint } from './src/network/checkpoint.ts';
      const data = new Float32Array(300_000);
      await writeCheckpoint(${JSON.stringify(path)}, { state: 2, tensors: new Map([['a', { shape: [300_000], data }]]) })
        .catch((error) => { console.log(error.code, error.cause.code, error.message); process.exitCode = 9; });`;
    // files may have 256 or 128 KiB, by the shell: the write that would pass it is a short one, as on a full disk, and the next one fails
    const limited = 'ulimit -f 256 && exec "$0" --import tsx --input-type=module -e "$1"';
    const { status, stdout } = spawnSync('sh', ['-c', limited, process.execPath, script], {
      encoding: 'utf8',
      env: { ...process.env, TSX_DISABLE_CACHE: '1' },
    });
    expect({ status, stdout }).toEqual({
      status: 9,
      stdout: expect.stringContaining(`cannot-write EFBIG Expected a place to write ${path}, got: EFBIG`),
    });
    expect(await readCheckpoint(path)).toEqual(checkpoint);
    expect((await readdir(folder)).filter((name) => name.includes('unfinished'))).toEqual([]);
  });

  it('refuses what is missing, foreign or cut short', async () => {
    await expect(readCheckpoint(join(folder, 'none.bin'))).rejects.toMatchObject({ code: 'bad-argument' });
    const path = join(folder, 'two.bin');
    await writeCheckpoint(path, checkpoint);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 3));
    await expect(readCheckpoint(path)).rejects.toThrow(/b whole, it is cut short/);
    const broken = Buffer.from(bytes);
    broken[12] = 0; // the first byte of its header
    await writeFile(path, broken);
    await expect(readCheckpoint(path)).rejects.toThrow(/Expected the header of .*two\.bin to be JSON, it is damaged/);
    await writeFile(path, bytes.subarray(0, 30));
    await expect(readCheckpoint(path)).rejects.toMatchObject({ code: 'bad-argument' });
    await writeFile(path, 'something else, and long enough to be read');
    await expect(readCheckpoint(path)).rejects.toThrow(/begin as a checkpoint/);
  });
});
