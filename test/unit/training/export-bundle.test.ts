// What is written at the end of a training is what was trained: the bundle loads, scores as the training's own validation, and its card is true.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LATEST } from '../../../src/core/answer-rule.ts';
import { answersByPolicy } from '../../../src/evaluation/answer-rules.ts';
import { chooseAnswer } from '../../../src/evaluation/choose-answer.ts';
import { scoresInThread } from '../../../src/evaluation/exit-answers.ts';
import { exitQuality } from '../../../src/evaluation/exit-quality.ts';
import { type Bundle, readBundle } from '../../../src/network/bundle.ts';
import { type FrameSet, split } from '../../../src/training/frames.ts';
import { TRAIN_DEFAULTS, type TrainSummary } from '../../../src/training/options.ts';
import { presetNetwork } from '../../../src/training/presets.ts';
import { random } from '../../../src/training/random.ts';
import { train } from '../../../src/training/train.ts';
import { hasNative } from '../../helpers/native.ts';

/** Two classes of noisy frames: bright at the top, bright at the bottom; the noise makes some of them hard. */
function halves(count: number, seed: number): FrameSet {
  const source = random(seed, 'halves');
  const labels = Uint16Array.from({ length: count }, (_, i) => i % 2);
  const pixels = Uint8Array.from({ length: count * 3072 }, (_, i) => {
    const isTop = i % 3072 < 1536;
    return Math.max(
      0,
      Math.min(255, 110 + 90 * source.normal() + (isTop === (labels[Math.floor(i / 3072)] === 0) ? 6 : 0)),
    );
  });
  return { name: 'halves', classes: ['top', 'bottom'], height: 32, width: 32, pixels, labels };
}

describe.skipIf(!(await hasNative()))('exportBundle', () => {
  const data = halves(800, 1);
  const test = halves(200, 2);
  let folder = '';
  let bundle: Bundle;
  let summary: TrainSummary;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'export-test-'));
    const network = presetNetwork('tiny');
    const description = { name: 'halves', version: '3', command: 'anytime train …', commit: 'abc', test };
    const given = {
      ...TRAIN_DEFAULTS,
      data,
      network,
      flips: false,
      epochs: 3,
      batch: 50,
      validationShare: 0.3,
      seed: 4,
    };
    const to = { out: join(folder, 'run'), bundle: { ...description, folder: join(folder, 'bundle') } };
    summary = await train({ ...given, ...to }, () => {});
    bundle = await readBundle(join(folder, 'bundle'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const scoresOf = ({ model, tensors }: Bundle, frames: FrameSet) =>
    scoresInThread(model.network, tensors, model.normalisation, frames, { batch: 64 });
  const measured = (frames: FrameSet) =>
    answersByPolicy(bundle.model.answer ?? LATEST, scoresOf(bundle, frames), frames.labels.length).map(
      (exit, index, exits) => exitQuality(exit, frames.labels, bundle.model.quality.bucketEdges, exits[index + 1]),
    );

  it('serves by the rule that the held-out frames choose, and the card says so', async () => {
    const { validation } = split(data, 0.3, 4);
    const { policy } = chooseAnswer(scoresOf(bundle, validation), validation.labels);
    expect(bundle.model.answer).toEqual(policy);
    const card = await readFile(join(folder, 'bundle', 'README.md'), 'utf8');
    expect(card).toContain(`- Answer rule: **${policy.rule}**`);
  });

  it('lets nobody leave early where the held-out frames are too few to say what it costs, and the card says so', async () => {
    expect(split(data, 0.3, 4).validation.labels).toHaveLength(240); // the accuracy that may go is a 500th
    expect(bundle.model.defaultMinConfidence).toBe(1);
    expect(await readFile(join(folder, 'bundle', 'README.md'), 'utf8')).toMatch(
      /Default threshold 1, the loosest that loses at most 0.2 points[\s\S]*too few/,
    );
  });

  it('states the quality that the bundle has on the frames held out', () => {
    const { validation } = split(data, 0.3, 4);
    const { exits } = bundle.model.quality;
    measured(validation).forEach((own, exit) => {
      expect(own.accuracy).toBe(exits[exit]?.accuracy);
      expect(own.buckets).toEqual(exits[exit]?.buckets);
    });
  });

  it('counts what the next exit made of each bucket, and what the temperatures did', () => {
    const { exits } = bundle.model.quality;
    const frames = split(data, 0.3, 4).validation.labels.length;
    exits.slice(0, -1).forEach(({ buckets }, exit) => {
      const right = buckets.reduce((sum, { rightNext = Number.NaN }) => sum + rightNext, 0);
      expect(right / frames).toBe(exits[exit + 1]?.accuracy);
    });
    for (const { rightNext } of exits.at(-1)?.buckets ?? []) expect(rightNext).toBeUndefined();
    for (const { calibration } of exits) {
      expect(calibration?.temperature).toBeGreaterThan(0);
      expect(calibration?.before.error).toBeGreaterThan(0);
      expect(calibration?.served?.error).toBeGreaterThan(0);
      expect(Math.abs((calibration?.after.separation ?? 0) - (calibration?.before.separation ?? 1))).toBeLessThan(0.05);
    }
  });

  it('lost hardly anything to folding and half precision', () => {
    summary.exits.forEach(({ accuracy }, exit) => {
      expect(Math.abs(accuracy - (bundle.model.quality.exits[exit]?.accuracy ?? 0))).toBeLessThan(0.02);
    });
  });

  it('has a card with the figures on the test frames', async () => {
    const card = await readFile(join(folder, 'bundle', 'README.md'), 'utf8');
    for (const { accuracy } of measured(test)) expect(card).toContain(`| ${(100 * accuracy).toFixed(2)} % |`);
    expect(card).toContain('# halves 3');
  });
});
