// The benchmark's step is a training step: it learns, keeps no tensor, and every part takes time.
import { describe, expect, it } from 'vitest';
import { loadNative } from '../../src/network/tensorflow-native.ts';
import { presetNetwork } from '../../src/training/presets.ts';
import { hasNative } from '../helpers/native.ts';
import { createTrainingStep, stepSettings } from './training-step.ts';

const isNative = await hasNative();

describe.skipIf(!isNative)('createTrainingStep', () => {
  it('learns the labels of the drawn frames, and leaves no tensor behind', async () => {
    const tf = await loadNative();
    const before = tf.memory().numTensors;
    const settings = { ...stepSettings(presetNetwork('tiny', 8), 16, 'float32', 1), rate: 0.02 };
    const step = createTrainingStep(tf, settings);
    step.run();
    const held = tf.memory().numTensors;
    const runs = Array.from({ length: 120 }, () => step.run());
    expect(tf.memory().numTensors).toBe(held);
    const mean = (some: typeof runs) => some.reduce((sum, { loss }) => sum + loss, 0) / some.length;
    expect(mean(runs.slice(-20))).toBeLessThan(0.95 * mean(runs.slice(0, 20)));
    for (const { ms } of runs) expect(Math.min(...Object.values(ms))).toBeGreaterThan(0);
    step.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
