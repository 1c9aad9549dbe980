// `npm run study -- --quick` as a process: every row is there, a stopped study goes on, and a finished one trains nothing again.
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
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

  it('goes on to the end: every row, every figure', { timeout: 180_000 }, async () => {
    const before = await records();
    const run = await study();
    expect(run.code, run.stderr).toBe(0);
    const document = lastJson<StudyDocument>(run);
    expect(document.missing).toEqual([]);
    expect(await records()).toEqual(expect.arrayContaining(before));
    expect(document.opt).toHaveLength(4);
    expect(document.weightings).toHaveLength(10);
    for (const { increase } of document.weightings) {
      expect(increase).toHaveLength(4);
      for (const spread of increase) expect(spread?.values).toHaveLength(2);
    }
    expect(document.winner).not.toBeNull();
    expect(document.oscillation.map(({ exits }) => exits.length)).toEqual([8, 8, 8, 8, 8]);
    expect(document.heads.plain?.values).toHaveLength(2);
    for (const { points, measured } of document.sequences) {
      expect(points).toHaveLength(14);
      expect(measured?.worst).toBeGreaterThanOrEqual(measured?.mean ?? Number.NaN);
    }
    expect(document.earlyExit).toHaveLength(10);
    for (const name of ['increase-over-opt', 'oscillation', 'sequences', 'early-exit']) {
      expect(await readFile(join(folder, `${name}.svg`), 'utf8')).toMatch(/^<svg /);
    }
  });

  it('trains nothing again', { timeout: 120_000 }, async () => {
    const [first = ''] = await records();
    const trained = (await stat(join(folder, first, 'checkpoint.bin'))).mtimeMs;
    const run = await study();
    expect(lastJson<StudyDocument>(run).missing).toEqual([]);
    expect(run.stderr).not.toContain('Finished after');
    expect((await stat(join(folder, first, 'checkpoint.bin'))).mtimeMs).toBe(trained);
  });
});
