// Shares of the body's gradients scale what each stage's body learns in a step, and leave the heads as they are.
import { afterAll, describe, expect, it } from 'vitest';
import { loadNative } from '../../../src/network/tensorflow-native.ts';
import { nativeKernels } from '../../../src/training/kernels.ts';
import { createLearner } from '../../../src/training/learner.ts';
import { initialParameters } from '../../../src/training/parameters.ts';
import { presetNetwork } from '../../../src/training/presets.ts';
import { random } from '../../../src/training/random.ts';
import { hasNative } from '../../helpers/native.ts';

describe.skipIf(!(await hasNative()))('a step with shares for the bodies', async () => {
  if (!(await hasNative())) return;
  const kernels = nativeKernels(await loadNative());
  const network = presetNetwork('tiny');
  const source = random(2, 'learner');
  const parameters = initialParameters(network, 3, source, (k, out) =>
    Float32Array.from({ length: k * k * 3 * out }, () => source.normal() * 0.2),
  );
  const frames = Float32Array.from({ length: 6 * 32 * 32 * 3 }, () => source.normal());
  const plain = { momentum: 0, weightDecay: 0, betaRateFactor: 1, labelSmoothing: 0 };

  /** By how much each parameter moved in one step. */
  const moves = (bodyShares?: readonly number[]) => {
    const learner = createLearner(kernels, network, 3, parameters, plain);
    const step = { frames: frames.slice(), labels: [0, 1, 2, 0, 1, 2], weights: [0.2, 0.3, 0.5], rate: 0.5 };
    learner.step({ ...step, averageShare: 1, ...(bodyShares === undefined ? {} : { bodyShares }) });
    const after = learner.averages();
    learner.dispose();
    return new Map(
      parameters.map(({ name, values }) => [name, after.get(name)?.data.map((v, i) => v - (values[i] ?? 0))]),
    );
  };
  const trained = parameters.filter(({ role }) => role === 'kernel' || role === 'beta' || role === 'head');
  const whole = moves();
  const scaled = moves([0.25, 0.5, 1]);
  afterAll(() => kernels.dispose());

  it.each(trained.map(({ name }) => name))('%s', (name) => {
    const stage = Number(/stage\/(\d)/.exec(name)?.[1]);
    const share = name.includes('/head/') ? 1 : [0.25, 0.5, 1][stage - 1];
    const [a, b] = [whole.get(name) ?? [], scaled.get(name) ?? []];
    expect(Math.max(...a.map(Math.abs))).toBeGreaterThan(1e-5);
    b.forEach((move, i) => {
      expect(Math.abs(move - (share as number) * (a[i] as number))).toBeLessThan(1e-6);
    });
  });
});
