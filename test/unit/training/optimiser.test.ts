// Steps of descent against the formulas worked out by hand, that it finds the bottom of a bowl, and that nothing is left behind.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadNative, type TensorFlow } from '../../../src/network/tensorflow-native.ts';
import { createOptimiser, type Optimiser } from '../../../src/training/optimiser.ts';
import type { Parameter } from '../../../src/training/parameters.ts';
import { hasNative } from '../../helpers/native.ts';

const parameters: readonly Parameter[] = (['kernel', 'beta', 'head', 'statistic', 'frozen'] as const).map((role) => ({
  name: role,
  role,
  shape: [1],
  values: Float32Array.of(2),
}));
const first = { value: 2, velocity: 1, average: 1 };

describe.skipIf(!(await hasNative()))('createOptimiser', () => {
  let tf: TensorFlow;
  let before: number;
  let optimiser: Optimiser;
  beforeEach(async () => {
    tf = await loadNative();
    before = tf.memory().numTensors;
    optimiser = make(0.1);
  });
  afterEach(() => {
    optimiser.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  const make = (weightDecay: number) =>
    createOptimiser(tf, { momentum: 0.9, weightDecay, betaRateFactor: 8 }, parameters, (part) =>
      Float32Array.of(first[part]),
    );
  const number = (part: 'value' | 'velocity' | 'average', name: string) =>
    tf.tidy(() => optimiser.read(part).get(name)?.dataSync()[0]);
  const given = (
    act: (of: (entries: Record<string, number>) => Map<string, ReturnType<TensorFlow['tensor']>>) => void,
  ) =>
    tf.tidy(() =>
      act((entries) => new Map(Object.entries(entries).map(([name, value]) => [name, tf.tensor([value])]))),
    );

  it('steps along the Nesterov momentum with the decay in the gradient', () => {
    given((of) => optimiser.descend(of({ kernel: 3 }), 0.5));
    // g = 3 + 0.1·2 = 3.2; v = 0.9·1 + 3.2 = 4.1; w = 2 − 0.5·(3.2 + 0.9·4.1) = −1.445
    expect(number('velocity', 'kernel')).toBeCloseTo(4.1, 5);
    expect(number('value', 'kernel')).toBeCloseTo(-1.445, 5);
    expect(number('value', 'head')).toBe(2);
  });

  it("moves BatchNorm's offsets at the higher rate and decays them as much less", () => {
    given((of) => optimiser.descend(of({ beta: 3 }), 0.5));
    // g = 3 + 0.1/8·2 = 3.025; v = 0.9 + g; w = 2 − 8·0.5·(g + 0.9·v)
    expect(number('value', 'beta')).toBeCloseTo(2 - 4 * (3.025 + 0.9 * 3.925), 4);
  });

  it('finds the bottom of a bowl', () => {
    optimiser.dispose();
    optimiser = make(0);
    for (let i = 0; i < 200; i++) {
      const at = number('value', 'head') as number;
      given((of) => optimiser.descend(of({ head: 2 * (at - 3) }), 0.02));
    }
    expect(number('value', 'head')).toBeCloseTo(3, 3);
  });

  it('moves averages and statistics their share of the way, and frozen parameters never', () => {
    optimiser.average(0.25);
    expect(number('average', 'kernel')).toBeCloseTo(1.25, 6);
    expect(number('average', 'statistic')).toBeCloseTo(1.25, 6);
    expect(number('average', 'frozen')).toBe(1);
    given((of) => optimiser.noteStatistics(of({ statistic: 12 })));
    expect(number('value', 'statistic')).toBeCloseTo(3, 6);
    given((of) => optimiser.approach(of({ statistic: 5.25 }), 0.5));
    expect(number('average', 'statistic')).toBeCloseTo(3.25, 6);
  });

  it('a view that is read stays as it was when the value is changed after it', () => {
    const views = optimiser.read('value');
    given((of) => optimiser.descend(of({ kernel: 3 }), 0.5));
    expect(views.get('kernel')?.dataSync()[0]).toBe(2);
    for (const view of views.values()) view.dispose();
  });
});
