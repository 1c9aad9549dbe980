// A checkpoint goes on only with the options that made it; what an older one does not hold begins anew.
import { describe, expect, it } from 'vitest';
import { type FrameSet, factsOf } from '../../../src/training/frames.ts';
import { TRAIN_DEFAULTS, type TrainOptions } from '../../../src/training/options.ts';
import { presetNetwork } from '../../../src/training/presets.ts';
import { fingerprintOf, firstProgress, progressOf, withPlan } from '../../../src/training/progress.ts';

const data: FrameSet = {
  name: 'none',
  classes: ['a', 'b'],
  height: 32,
  width: 32,
  pixels: new Uint8Array(),
  labels: Uint16Array.of(0, 1),
};
const options: TrainOptions = { ...TRAIN_DEFAULTS, data, network: presetNetwork('tiny'), out: 'run' };
const of = { classes: data.classes, normalisation: { mean: [0, 0, 0], std: [1, 1, 1] } } as const;
const facts = factsOf(data);
const print = fingerprintOf(options, facts);
const wanted = (fingerprint: string, classes: readonly string[] = data.classes) => ({
  ...{ fingerprint, classes, exits: 3, folder: 'run' },
});

describe('progressOf', () => {
  it('is what was stored', () => {
    const progress = { ...firstProgress(print, 3, of), step: 7, weightState: [1, 2, 3], lossSums: [4, 5, 6] };
    const state: unknown = JSON.parse(JSON.stringify(progress));
    expect(progressOf({ state, tensors: new Map() }, wanted(print))).toEqual(progress);
  });

  it('begins what was not stored', () => {
    const state = { fingerprint: print, step: 7, seconds: 3, exits: [], ...of };
    const progress = progressOf({ state, tensors: new Map() }, wanted(print));
    expect(progress).toEqual({ ...firstProgress(print, 3, of), step: 7, seconds: 3 });
    expect(progress.lossSums).toEqual([0, 0, 0]);
  });

  it.each<[string, Partial<TrainOptions>]>([
    ['rate', { rate: 0.1 }],
    ['weights', { weights: 'adaloss' }],
    ['oscillate', { oscillate: false }],
    ['mixedEpochs', { mixedEpochs: 2 }],
    ['equilibrium', { equilibrium: true }],
    ['seed', { seed: 2 }],
    ['validationShare', { validationShare: 0.2 }],
    ['network', { network: presetNetwork('tiny', 8) }],
  ])('refuses another %s and says both', (_, other) => {
    const asked = fingerprintOf({ ...options, ...other }, facts);
    const state = firstProgress(print, 3, of);
    expect(() => progressOf({ state, tensors: new Map() }, wanted(asked))).toThrow(
      expect.objectContaining({ code: 'bad-argument', message: expect.stringContaining(asked) }) as Error,
    );
  });

  it.each([[['b', 'a']], [['a', 'c']], [['a', 'b', 'c']]])(
    'refuses the classes %s under the same labels',
    (classes) => {
      const state = firstProgress(print, 3, of);
      expect(() => progressOf({ state, tensors: new Map() }, wanted(print, classes))).toThrow(
        expect.objectContaining({
          code: 'bad-argument',
          message: expect.stringContaining(`a, b; got ${classes.join(', ')}`),
        }) as Error,
      );
    },
  );

  it('refuses as many other frames: others of them would be held out', () => {
    const asked = fingerprintOf(options, factsOf({ ...data, pixels: Uint8Array.of(1) }));
    const state = firstProgress(print, 3, of);
    expect(() => progressOf({ state, tensors: new Map() }, wanted(asked))).toThrow(/the frames of the checkpoint/);
  });

  it('goes on with a checkpoint that did not note its frames', () => {
    const { framesSha256: _, ...older } = JSON.parse(print) as Record<string, unknown>;
    const state = firstProgress(JSON.stringify(older), 3, of);
    expect(progressOf({ state, tensors: new Map() }, wanted(print))).toEqual(state);
    const asked = fingerprintOf({ ...options, rate: 0.1 }, facts);
    expect(() => progressOf({ state, tensors: new Map() }, wanted(asked))).toThrow(/"rate":0.1/);
  });

  it('goes on with other epochs', () => {
    expect(fingerprintOf({ ...options, epochs: 99 }, facts)).toBe(print);
  });
});

describe('withPlan', () => {
  const at = (step: number, plans: { step: number; epochs: number; precision: 'float32' | 'bfloat16' }[]) =>
    withPlan({ ...firstProgress(print, 3, of), step, plans }, { epochs: 20, precision: 'float32' }).plans;
  const plan = (step: number, epochs = 20) => ({ step, epochs, precision: 'float32' as const });

  it('notes what is asked for, from the step on at which it begins', () => {
    expect(at(0, [])).toEqual([plan(0)]);
    expect(at(7, [plan(0, 30)])).toEqual([plan(0, 30), plan(7)]);
    expect(at(7, [{ ...plan(0), precision: 'bfloat16' }])).toEqual([{ ...plan(0), precision: 'bfloat16' }, plan(7)]);
    expect(at(500, [])).toEqual([plan(500)]); // an older checkpoint
  });

  it('is the same where the same is asked for again, and forgets what was never begun', () => {
    expect(at(7, [plan(0)])).toEqual([plan(0)]);
    expect(at(0, [plan(0, 30)])).toEqual([plan(0)]);
    expect(at(7, [plan(0, 30), plan(7, 10)])).toEqual([plan(0, 30), plan(7)]);
  });
});
