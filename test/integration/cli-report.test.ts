// `anytime evaluate --report` as a process, on the glyph test frames: one self-contained page with every section.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Evaluation } from '../../src/evaluation/evaluate.ts';
import { killOpenClis, lastJson, runCli } from '../helpers/run-cli.ts';

const EVALUATE = [
  'evaluate',
  '--model',
  'models/glyphs',
  '--data',
  'models/glyphs/test-frames.tar',
  '--backend',
  'wasm',
];
const SECTIONS = ['accuracy-cost', 'exits', 'exit-shares', 'reliability', 'wrong-frames', 'lost-frames', 'how-made'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-'));
});
afterAll(async () => {
  killOpenClis();
  await rm(folder, { recursive: true });
});

it('writes the page, into a folder that is made, with the figures of the JSON', { timeout: 60_000 }, async () => {
  const path = join(folder, 'new', 'report.html');
  const run = await runCli('anytime.ts', ...EVALUATE, '--limit', '150', '--report', path, '--json');
  expect(run.code, run.stderr).toBe(0);
  const { exits, frames } = lastJson<Evaluation>(run);
  expect(frames).toBe(150);
  const text = await readFile(path, 'utf8');
  expect([...text.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id)).toEqual(SECTIONS);
  expect(text.match(/<script|<link|<iframe/i)?.[0]).toBeUndefined();
  expect(text.replace(/xmlns(:xlink)?="http:[^"]*"/g, '').match(/https?:\/\//)?.[0]).toBeUndefined();
  for (const { accuracy } of exits) expect(text.includes(`<td>${(100 * accuracy).toFixed(2)} %</td>`)).toBe(true);
  expect(text.includes('--limit 150')).toBe(true);
  expect(text.match(/<img src="data:image\/png;base64,/g)?.length).toBeGreaterThan(10);
});

it('measures bundles trained for one exit alone on the same frames, and says how far exits are behind', {
  timeout: 120_000,
}, async () => {
  const path = join(folder, 'opt.html');
  const opt = ['--opt', 'models/glyphs', '--limit', '64', '--report', path, '--json'];
  const run = await runCli('anytime.ts', ...EVALUATE, ...opt);
  expect(run.code, run.stderr).toBe(0);
  const { exits, opt: measured } = lastJson<Evaluation & { opt: unknown }>(run);
  const last = exits.at(-1);
  expect(measured).toEqual([{ bundle: 'models/glyphs', macs: last?.macs, accuracy: last?.accuracy }]);
  expect(run.stderr).toContain('exit 5 is 0.00 points below it');
  expect(run.stderr).toContain('was not trained for its last exit alone');
  expect(await readFile(path, 'utf8')).toContain('<b>OPT</b>');
});

it('refuses OPT of other classes before it is measured', { timeout: 60_000 }, async () => {
  const run = await runCli('anytime.ts', ...EVALUATE, '--limit', '32', '--opt', 'models/cifar10');
  expect(run.code).not.toBe(0);
  expect(run.stderr).toContain('Expected `--opt` models/cifar10 to have the classes of glyphs');
  expect(run.stderr).not.toContain('frames evaluated');
  expect(run.stdout).toBe('');
});

it('refuses a study without OPT before it measures anything', { timeout: 60_000 }, async () => {
  const run = await runCli('anytime.ts', ...EVALUATE, '--report', join(folder, 'r.html'), '--study', 'package.json');
  expect(run.code).not.toBe(0);
  expect(run.stderr).toContain('Expected `--study`');
  expect(run.stderr).not.toContain('frames evaluated');
});
