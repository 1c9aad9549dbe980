// The bundles that come with the product: they load, are as small as is asked, carry what the scheduler needs, and what is said of them agrees.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Evaluation } from '../../src/evaluation/evaluate.ts';
import { readBundle } from '../../src/network/bundle.ts';

const MODELS = readdirSync('models', { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? one.name : []));
const MOST_BYTES = 8e6;

/** One decimal, as README has it. */
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

it('are three', () => expect(MODELS.sort()).toEqual(['cifar10', 'cifar10-eann', 'glyphs']));

describe.each(MODELS)('models/%s', (name) => {
  const folder = join('models', name);
  const card = readFileSync(join(folder, 'README.md'), 'utf8');
  const document = JSON.parse(readFileSync(`test/bench/results/evaluate-${name}.json`, 'utf8')) as Evaluation & {
    commit: string;
  };

  it('loads, and is at most 8 MB', async () => {
    const { model } = await readBundle(folder);
    expect(model.name).toBe(name);
    const bytes = readdirSync(folder).map((file) => statSync(join(folder, file)).size);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MOST_BYTES);
  });

  it('tells the scheduler what the next exit makes of each confidence', async () => {
    const { model } = await readBundle(folder);
    for (const { buckets, calibration } of model.quality.exits.slice(0, -1)) {
      expect(buckets.map(({ rightNext }) => typeof rightNext)).toEqual(buckets.map(() => 'number'));
      expect(calibration?.temperature).toBeGreaterThan(0);
    }
  });

  // The study's verdict says so (`src/study/verdict.ts`).
  it('was trained by the weights that `anytime train` takes unless told otherwise, or goes on from such a one', async () => {
    const { model } = await readBundle(folder);
    const isOther = /--(weights|no-oscillate)\b/.test(model.training.command);
    expect(isOther).toBe(name === 'cifar10');
    if (isOther) expect(model.training.command).toContain(`--from ${folder} `);
  });

  it('has a card whose figures are those of `evaluate`, and a row in README', async () => {
    const { model } = await readBundle(folder);
    expect(document.model).toBe(`${name}@${model.version}`);
    expect(document.commit).toMatch(/^[0-9a-f]{7,}$/);
    expect(card.startsWith(`# ${name} ${model.version}\n`)).toBe(true);
    const row = readFileSync('README.md', 'utf8')
      .split('\n')
      .find((line) => line.startsWith(`| [${folder}]`));
    for (const { stage, passes, accuracy } of document.exits) {
      const [, , , , told = ''] = new RegExp(`^\\| ${stage} \\| .*\\d %`, 'm').exec(card)?.[0].split(' | ') ?? [];
      // In the trainer's arithmetic and the engine's: a frame or two may fall otherwise.
      expect(Math.abs(Number.parseFloat(told) - 100 * accuracy), told).toBeLessThan(0.15);
      const at = passes === 1 ? '1' : passes.toFixed(3).slice(1);
      expect(row).toContain(`${percent(accuracy)} at ${at} `);
    }
    for (const said of ['anytime train', 'Seed', 'What it is not for', 'commit', 'temperature'])
      expect(card).toContain(said);
  });
});
