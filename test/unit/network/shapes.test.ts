import { describe, expect, it } from 'vitest';
import { type Network, NetworkSchema, type Stage } from '../../../src/network/config.ts';
import { stageShapes, tensorShapes } from '../../../src/network/shapes.ts';
import { EVERY_KIND } from '../../helpers/random-bundle.ts';

const network = (...stages: unknown[]): Network =>
  NetworkSchema.parse({ name: 'n', input: { height: 9, width: 7, channels: 3 }, stages });
const conv = (out: number, more: object = {}) => ({ kind: 'conv', out, ...more });

const WHITEN = { kind: 'whiten', out: 4, kernel: 2, stride: 1 };

describe('stageShapes', () => {
  it('rounds strides up and pools down', () => {
    const [first] = stageShapes(
      network({ takes: 'frame', frame: [conv(4, { stride: 2 })], trunk: [conv(5, { pool: 2 })] }),
    );
    expect(first?.frame[0]?.output).toEqual([5, 4, 4]);
    expect(first?.trunk[0]?.convolutions[0]?.at).toEqual([5, 4, 5]);
    expect(first?.output).toEqual([2, 2, 5]);
  });

  it('follows every kind of unit and every way of taking input', () => {
    expect(stageShapes(EVERY_KIND).map(({ output }) => output)).toEqual([
      [7, 7, 6],
      [3, 3, 10],
      [3, 3, 12],
      [4, 4, 9],
      [2, 2, 7],
    ]);
    // 5 channels of the frame branch and 6 of the activations come together in front of the trunk.
    expect(stageShapes(EVERY_KIND)[1]?.trunk[0]?.convolutions[0]?.kernel).toEqual([3, 3, 11, 10]);
  });

  it.each([
    [
      'stage 2',
      'frame units that end at 9 × 7',
      [
        { takes: 'frame', frame: [conv(4)] },
        { takes: 'both', frame: [conv(4, { stride: 2 })] },
      ],
    ],
    [
      'stage 2',
      'no frame units',
      [
        { takes: 'frame', frame: [conv(4)] },
        { takes: 'activations', frame: [conv(4)] },
      ],
    ],
    ['stage 1', 'at least one unit', [{ takes: 'frame' }]],
    [
      'stage 1, trunk unit 1',
      'at least 4 × 4 to pool',
      [{ takes: 'frame', trunk: [conv(4, { stride: 4 }), conv(4, { pool: 4 })] }],
    ],
    [
      'stage 1',
      'a whiten unit only as the first on the frame, got one behind other units',
      [{ takes: 'frame', frame: [conv(4)], trunk: [WHITEN] }],
    ],
    [
      'stage 1',
      'a whiten unit only as the first on the frame',
      [{ takes: 'frame', frame: [conv(4, { stride: 2 }), WHITEN] }],
    ],
    [
      'stage 2',
      'a whiten unit only as the first on the frame',
      [
        { takes: 'frame', frame: [WHITEN, conv(4)] },
        { takes: 'activations', trunk: [WHITEN] },
      ],
    ],
    [
      'stage 2',
      'a whiten unit only as the first on the frame',
      [
        { takes: 'frame', trunk: [WHITEN, conv(4)] },
        { takes: 'both', frame: [WHITEN], trunk: [WHITEN] },
      ],
    ],
  ])('names the place of a network that cannot be built: %s, %s', (where, what, stages) => {
    expect(() => stageShapes(network(...stages))).toThrow(new RegExp(`${where}.*${what}`));
  });

  it('needs the frame before there are activations', () => {
    const stage: Stage = { takes: 'activations', frame: [], trunk: [{ kind: 'residual' }] };
    expect(() => stageShapes({ ...EVERY_KIND, stages: [stage] })).toThrow('no activations yet');
  });
});

describe('tensorShapes', () => {
  it('lists kernels and biases of every convolution and head', () => {
    const shapes = tensorShapes(EVERY_KIND, 4);
    expect(shapes.size).toBe(2 * (11 + 5));
    expect(shapes.get('stage/1/trunk/0/1/kernel')).toEqual([3, 3, 6, 6]);
    expect(shapes.get('stage/2/frame/0/0/kernel')).toEqual([2, 2, 3, 8]);
    expect(shapes.get('stage/5/head/kernel')).toEqual([7, 4]);
    expect(shapes.get('stage/5/head/bias')).toEqual([4]);
  });
});
