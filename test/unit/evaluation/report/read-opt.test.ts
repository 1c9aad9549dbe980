// OPT from a study's file: its points, whatever else the study says, and a message that says what is wrong.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readOpt } from '../../../../src/evaluation/report/read-opt.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'study-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function study(text: string): Promise<string> {
  const path = join(folder, 'study.json');
  await writeFile(path, text);
  return path;
}

it('reads the points and leaves the rest of the study alone', async () => {
  const path = await study(JSON.stringify({ rows: [1], opt: [{ exit: 1, macs: 1e6, accuracy: 0.5 }] }));
  const points = [{ macs: 1e6, accuracy: 0.5 }];
  expect(await readOpt(path, ['a', 'b'])).toEqual({ network: 'study-chain', points });
});

it('says of which network it is, and refuses one of other classes', async () => {
  const opt = [{ macs: 1e6, accuracy: 0.5 }];
  const path = await study(JSON.stringify({ network: 'mine', classes: ['a', 'b'], opt }));
  expect(await readOpt(path, ['b', 'a'])).toEqual({ network: 'mine', points: opt });
  const refused = {
    code: 'bad-argument',
    message: expect.stringMatching(/classes, c, d, e …, got ".*study.json" of a, b$/),
  };
  await expect(readOpt(path, ['c', 'd', 'e', 'f'])).rejects.toMatchObject(refused);
});

it.each(['study', 'study-sequences'])('reads the results that are kept: %s', async (name) => {
  const { network, points } = await readOpt(`test/bench/results/${name}/study.json`, ['airplane', 'automobile']);
  expect([network, points.length]).toEqual(['study-chain', 4]);
});

it.each(['{', '{}', '{"opt":[]}', '{"opt":[{"macs":1,"accuracy":55}]}'])('refuses %s', async (text) => {
  await expect(readOpt(await study(text), [])).rejects.toMatchObject({ code: 'bad-argument' });
});

it('refuses a file that is not there', async () => {
  await expect(readOpt(join(folder, 'none.json'), [])).rejects.toThrow(/`--study`.*none\.json/);
});
