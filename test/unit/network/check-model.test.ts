import { describe, expect, it } from 'vitest';
import { checkBeginning, checkModel, weightBytes } from '../../../src/network/check-model.ts';
import type { Model } from '../../../src/network/model.ts';
import { EVERY_KIND, randomBundle } from '../../helpers/random-bundle.ts';

function model(change: (model: Model) => void = () => {}): Model {
  const { model } = structuredClone(randomBundle(EVERY_KIND, 1));
  model.weights.bytes = weightBytes(model.weights);
  change(model);
  return model;
}
const PAIR = { own: 1, before: 0.5 };
const stageOf = (m: Model, index: number) => m.stages[index] as Model['stages'][number];

describe('checkModel', () => {
  it('accepts a model that agrees with itself', () => {
    expect(checkModel(JSON.parse(JSON.stringify(model())), 'model.json')).toEqual(model());
  });

  it('accepts one threshold per exit', () => {
    const own = model((m) => Object.assign(m, { defaultMinConfidence: [0.9, 0.8, 0.8, 0.7, 0] }));
    expect(checkModel(JSON.parse(JSON.stringify(own)), 'model.json').defaultMinConfidence).toHaveLength(5);
  });

  it('accepts an answer rule, with a pair of weights per exit', () => {
    const answer = { rule: 'product', weights: [PAIR, PAIR, PAIR, PAIR, PAIR] } as const;
    expect(
      checkModel(
        model((m) => Object.assign(m, { answer })),
        'model.json',
      ).answer,
    ).toEqual(answer);
  });

  it.each<[string, RegExp, (m: Model) => void]>([
    ['a newer format', /format 1, got 2: a newer anytime-stream/, (m) => Object.assign(m, { format: 2 })],
    ['no format', /at format/, (m) => Reflect.deleteProperty(m, 'format')],
    ['an unknown field', /Unrecognized key.*"colour"/, (m) => Object.assign(m, { colour: 1 })],
    ['a path for the weights', /weights\.file.*plain file name/, (m) => Object.assign(m.weights, { file: '../w.bin' })],
    ['a stage too few', /at stages: Expected 5 entries.*got 4/, (m) => m.stages.pop()],
    ['a wrong cost', /at stages\.1\.macs: Expected \d+.*got 7/, (m) => Object.assign(stageOf(m, 1), { macs: 7 })],
    ['a wrong head cost', /at stages\.0\.headMacs/, (m) => Object.assign(stageOf(m, 0), { headMacs: 1 })],
    ['wrong passes', /at stages\.2\.passes/, (m) => Object.assign(stageOf(m, 2), { passes: 0.99 })],
    ['wrong activations', /at stages\.3\.activations/, (m) => Object.assign(stageOf(m, 3), { activations: [2, 2, 1] })],
    [
      'an exit too many',
      /quality\.exits: Expected 5/,
      (m) => m.quality.exits.push(structuredClone(m.quality.exits[0]) as never),
    ],
    ['edges that do not end with 1', /bucketEdges/, (m) => Object.assign(m.quality, { bucketEdges: [0.5, 0.9] })],
    ['edges that fall', /bucketEdges/, (m) => Object.assign(m.quality, { bucketEdges: [1, 1] })],
    ['a bucket too few', /exits\.4\.buckets/, (m) => m.quality.exits[4]?.buckets.pop()],
    [
      'more right than there are',
      /exits\.0\.buckets.*at most 10 right, got 11/,
      (m) => Object.assign(m.quality.exits[0]?.buckets[0] as object, { right: 11 }),
    ],
    [
      'thresholds for other exits',
      /defaultMinConfidence: Expected one number or 5, one per exit, got 2/,
      (m) => Object.assign(m, { defaultMinConfidence: [0.9, 0.8] }),
    ],
    ['a threshold above 1', /defaultMinConfidence/, (m) => Object.assign(m, { defaultMinConfidence: [1, 1, 1, 1, 2] })],
    [
      'answer weights for other exits',
      /answer\.weights: Expected 5 pairs, got 1/,
      (m) => Object.assign(m, { answer: { rule: 'product', weights: [PAIR] } }),
    ],
    [
      'answer weights that nothing uses',
      /answer\.weights: Expected them only with rule product, got latest/,
      (m) => Object.assign(m, { answer: { rule: 'latest', weights: [PAIR, PAIR, PAIR, PAIR, PAIR] } }),
    ],
    [
      'answer weights that count nothing',
      /answer\.weights\.4: Expected one of the two weights above 0/,
      (m) =>
        Object.assign(m, { answer: { rule: 'product', weights: [PAIR, PAIR, PAIR, PAIR, { own: 0, before: 0 }] } }),
    ],
    ['an unknown answer rule', /answer\.rule/, (m) => Object.assign(m, { answer: { rule: 'vote' } })],
    ['a missing tensor', /tensor "stage\/5\/head\/bias".*none/, (m) => m.weights.tensors.pop()],
    ['a tensor twice', /twice/, (m) => m.weights.tensors.push(m.weights.tensors[0] as never)],
    ['a foreign tensor', /"x": Expected only/, (m) => m.weights.tensors.push({ name: 'x', shape: [1] })],
    [
      'a wrong shape',
      /shape \[3,3,3,6\], got \[3,3,3,7\]/,
      (m) => Object.assign(m.weights.tensors[0] as object, { shape: [3, 3, 3, 7] }),
    ],
    ['a wrong length', /weights\.bytes/, (m) => Object.assign(m.weights, { bytes: 12 })],
    ['a network that cannot be built', /stage 2/, (m) => Object.assign(m.network.stages[1] as object, { frame: [] })],
  ])('refuses %s', (_name, message, change) => {
    expect(() => checkModel(model(change), 'model.json')).toThrowError(
      expect.objectContaining({ code: 'bad-bundle', message: expect.stringMatching(message) }),
    );
  });

  it('refuses what is no model at all', () => {
    for (const json of [null, 3, [], {}, 'text'])
      expect(() => checkModel(json, 'model.json')).toThrowError(expect.objectContaining({ code: 'bad-bundle' }));
  });
});

describe('checkBeginning', () => {
  const beginning = { name: 'n', version: '1', classes: ['a', 'b'], network: EVERY_KIND };

  it.each<[string, Partial<Pick<Model, 'name' | 'version' | 'classes' | 'network'>>]>([
    ['at name: Expected a name of lower-case letters', { name: 'My_Photos' }],
    ['at version: ', { version: '' }],
    ['at classes: ', { classes: ['a'] }],
    [
      'at network.input: Expected at most',
      { network: { ...EVERY_KIND, input: { height: 4096, width: 4096, channels: 3 } } },
    ],
  ])('refuses what no bundle may have: %s', (message, other) => {
    expect(() => checkBeginning(beginning, 'x')).not.toThrow();
    expect(() => checkBeginning({ ...beginning, ...other }, 'x')).toThrowError(
      expect.objectContaining({ code: 'bad-bundle', message: expect.stringContaining(`x: ${message}`) }),
    );
  });
});
