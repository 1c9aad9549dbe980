// `npm run study -- --quick` as a process: every row is there, a stopped study goes on, and a finished one trains nothing again.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StudyDocument } from '../../src/study/study-document.ts';
import { hasNative } from '../helpers/native.ts';
import { killOpenClis, lastJson, runCli } from '../helpers/run-cli.ts';

describe.skipIf(!(await hasNative()))('study --quick', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'study-'));
  });
  afterAll(async () => {
    killOpenClis();
    await rm(folder, { recursive: true });
  });
  const study = (...more: string[]) => runCli('study.ts', '--quick', '--out', folder, ...more);
  const records = async () => (await readdir(folder)).filter((name) => name.includes('-seed-')).sort();

  it('stops when its time is over and says what is missing', { timeout: 120_000 }, async () => {
    const run = await study('--minutes', '0.05');
    expect(run.code, run.stderr).toBe(0);
    const { missing } = lastJson<StudyDocument>(run);
    expect(missing.length).toBeGreaterThan(0);
    expect(run.stderr).toContain(`${missing.length} runs are missing`);
  });

  it('refuses a time that no timer can wait for', async () => {
    const run = await study('--minutes', '35792');
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('at most 35791, got "35792"');
  });

  it('goes on to the end: every row, every figure', { timeout: 180_000 }, async () => {
    const before = await records();
    const run = await study();
    expect(run.code, run.stderr).toBe(0);
    const document = lastJson<StudyDocument>(run);
    expect(document.missing).toEqual([]);
    expect(document).toMatchObject({ network: 'study-chain', classes: expect.arrayContaining(['A']) });
    expect(await records()).toEqual(expect.arrayContaining(before));
    expect(document.opt).toHaveLength(4);
    const { length } = document.weightings;
    expect(length).toBeGreaterThanOrEqual(8);
    for (const { increase } of document.weightings) {
      expect(increase).toHaveLength(4);
      for (const spread of increase) expect(spread?.values).toHaveLength(2);
    }
    expect(document.winner).not.toBeNull();
    expect(document.oscillation.map(({ exits }) => exits.length)).toEqual(Array(length / 2).fill(8));
    expect(document.heads.plain?.values).toHaveLength(2);
    for (const { points, measured } of document.sequences) {
      expect(points).toHaveLength(14);
      expect(measured?.worst).toBeGreaterThanOrEqual(measured?.mean ?? Number.NaN);
    }
    expect(document.earlyExit).toHaveLength(length);
    for (const { points } of document.earlyExit) {
      expect(points).toHaveLength(6);
      for (const { perExit } of points) expect(perExit.minConfidence).toHaveLength(8);
    }
    expect(document.perExitGain.map(({ gain }) => gain.values.length)).toEqual(Array(6).fill(2 * length));
    expect(document.heads.time).toMatchObject({ engine: 'tensorflow', network: 'study-chain' });
    expect(document.heads.time?.ratio).toBeGreaterThan(0.9);
    expect(document.winner?.statement).toContain('wins');
    for (const name of ['increase-over-opt', 'oscillation', 'sequences', 'early-exit', 'early-exit-thresholds']) {
      expect(await readFile(join(folder, `${name}.svg`), 'utf8')).toMatch(/^<svg /);
    }
  });

  it('trains nothing again; what a result lacks is measured from its bundle', { timeout: 120_000 }, async () => {
    const [first = ''] = await records();
    const path = join(folder, first, 'run.json');
    const whole = await readFile(path, 'utf8');
    const { earlyExit: _, ...older } = JSON.parse(whole);
    await writeFile(path, JSON.stringify({ ...older, commit: 'of-the-training' }));
    const trained = (await stat(join(folder, first, 'checkpoint.bin'))).mtimeMs;
    const time = await readFile(join(folder, 'head-time.json'), 'utf8');
    const run = await study();
    expect(lastJson<StudyDocument>(run).missing).toEqual([]);
    expect(run.stderr).not.toContain('Finished after');
    expect((await stat(join(folder, first, 'checkpoint.bin'))).mtimeMs).toBe(trained);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ ...JSON.parse(whole), commit: 'of-the-training' });
    expect(await readFile(join(folder, 'head-time.json'), 'utf8')).toBe(time);
  });
});
