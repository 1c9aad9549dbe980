// `anytime calibrate` as a process, on the glyph test frames: a threshold for a mean cost, one with a promise, written into a copied bundle.
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AnswerPolicy } from '../../src/core/answer-rule.ts';
import type { RuleQuality } from '../../src/evaluation/answer-rules.ts';
import { readModel } from '../../src/network/bundle.ts';
import { killOpenClis, lastJson, runCli } from '../helpers/run-cli.ts';

const DATA = ['--data', 'models/glyphs/test-frames.tar', '--limit', '200', '--backend', 'wasm', '--json'];

interface Outcome {
  readonly minConfidence: number | readonly number[];
  readonly accuracy: number;
  readonly meanPasses: number;
}

interface Calibration {
  readonly frames: number;
  readonly minConfidence: number | readonly number[];
  readonly accuracy: number;
  readonly common: Outcome;
  readonly perExit: Outcome;
  readonly meanPasses: number;
  readonly lost: number;
  readonly isPromised: boolean;
  readonly answer: AnswerPolicy;
  readonly answerRules: readonly RuleQuality[] | null;
}

const meanAccuracy = ({ exits }: RuleQuality) => exits.reduce((sum, { accuracy }) => sum + accuracy, 0) / exits.length;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'calibrate-'));
  await cp('models/glyphs', folder, { recursive: true });
});
afterAll(async () => {
  killOpenClis();
  await rm(folder, { recursive: true });
});

const calibrate = (...more: string[]) => runCli('anytime.ts', 'calibrate', '--model', folder, ...DATA, ...more);

it('keeps to a mean cost, and leaves the bundle as it is unless told to write', { timeout: 60_000 }, async () => {
  const before = await readFile(join(folder, 'model.json'), 'utf8');
  const run = await calibrate('--average-budget', '0.4');
  expect(run.code, run.stderr).toBe(0);
  const { frames, meanPasses, minConfidence, accuracy, common, perExit } = lastJson<Calibration>(run);
  expect(frames).toBe(200);
  expect(typeof common.minConfidence).toBe('number');
  expect(perExit.minConfidence).toHaveLength((await readModel(folder)).stages.length);
  for (const { meanPasses: cost } of [common, perExit]) expect(cost).toBeLessThanOrEqual(0.4 + 1e-9);
  expect(accuracy).toBe(Math.max(common.accuracy, perExit.accuracy));
  expect([common.minConfidence, perExit.minConfidence]).toContainEqual(minConfidence);
  expect(meanPasses).toBeLessThanOrEqual(0.4 + 1e-9);
  expect(meanPasses).toBeGreaterThan(0.15);
  expect(await readFile(join(folder, 'model.json'), 'utf8')).toBe(before);
});

it('writes a promised threshold that loses less than epsilon here', { timeout: 60_000 }, async () => {
  const run = await calibrate('--epsilon', '0.1', '--delta', '0.05', '--write');
  expect(run.code, run.stderr).toBe(0);
  const { isPromised, lost, minConfidence } = lastJson<Calibration>(run);
  expect(isPromised).toBe(true);
  expect(lost).toBeLessThan(0.1);
  const { defaultMinConfidence, calibration } = await readModel(folder);
  expect(defaultMinConfidence).toBe(minConfidence);
  expect(calibration).toMatchObject({ data: 'models/glyphs/test-frames.tar', frames: 200, epsilon: 0.1, delta: 0.05 });
  expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain(
    `- Default threshold ${minConfidence}: at most 0.1`,
  );
  expect(run.stderr).not.toContain('chose this bundle');
  const again = await calibrate('--epsilon', '0.1');
  expect(again.stderr).toContain("Frames of models/glyphs/test-frames.tar chose this bundle's threshold");
});

it('writes nothing where no threshold keeps the promise', { timeout: 60_000 }, async () => {
  const before = await readFile(join(folder, 'model.json'), 'utf8');
  const run = await calibrate('--epsilon', '0.001', '--delta', '0.05', '--write'); // 200 frames can never promise this
  expect(run.code, run.stderr).toBe(0);
  expect(lastJson(run)).toMatchObject({ isPromised: false, minConfidence: null, meanPasses: 1, isWritten: false });
  expect(run.stderr).toContain('Not written');
  expect(await readFile(join(folder, 'model.json'), 'utf8')).toBe(before);
});

it('writes the answer rule that is best on these frames, and tables counted with it', { timeout: 60_000 }, async () => {
  const kept = await calibrate('--limit', '500', '--average-budget', '0.6', '--write', '--keep-rule');
  expect(kept.code, kept.stderr).toBe(0);
  const before = await readModel(folder);
  expect(lastJson(kept)).toMatchObject({ answer: before.answer ?? { rule: 'latest' }, answerRules: null });
  const run = await calibrate('--limit', '500', '--average-budget', '0.6', '--write');
  expect(run.code, run.stderr).toBe(0);
  const { answer, answerRules, minConfidence } = lastJson<Calibration>(run);
  const model = await readModel(folder);
  expect(model.answer ?? { rule: 'latest' }).toEqual(answer);
  expect(model.defaultMinConfidence).toEqual(minConfidence);
  const best = Math.max(...(answerRules ?? []).map(meanAccuracy));
  const chosen = answerRules?.find(
    ({ rule, isWeighted }) => rule === answer.rule && isWeighted === (answer.weights !== undefined),
  );
  expect(chosen && meanAccuracy(chosen)).toBeCloseTo(best, 9);
  const isNew = !isDeepStrictEqual(answer, before.answer ?? { rule: 'latest' });
  if (isNew) expect(model.quality.measuredOn).toMatch(/^500 frames of /);
  else expect(model.quality).toEqual(before.quality);
});

it('says what it expected where both or neither are asked for', { timeout: 60_000 }, async () => {
  const run = await calibrate();
  expect(run.code).toBe(2);
  expect(run.stderr).toContain('Expected one of `--average-budget` and `--epsilon`, got neither');
});
