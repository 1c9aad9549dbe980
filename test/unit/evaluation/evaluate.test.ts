// A whole evaluation through a runner that answers what it is told: the document's figures follow from the answers.
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/evaluation/evaluate.ts';
import { BUCKET_EDGES } from '../../../src/evaluation/exit-quality.ts';
import { stageCosts } from '../../../src/network/cost.ts';
import type { Model } from '../../../src/network/model.ts';
import type { StageRunner } from '../../../src/ports.ts';
import type { FrameSet } from '../../../src/training/frames.ts';
import { presetNetwork } from '../../../src/training/presets.ts';
import { idleStatus } from '../../fakes/idle-status.ts';

const CLASSES = ['a', 'b', 'c'];
const network = presetNetwork('tiny');
const buckets = BUCKET_EDGES.map(() => ({ frames: 0, right: 0 }));
const model: Model = {
  format: 1,
  name: 'made-up',
  version: '1.0.0',
  classes: CLASSES,
  normalisation: { mean: [0, 0, 0], std: [1, 1, 1] },
  network,
  stages: stageCosts(network, CLASSES.length).map((cost) => ({ ...cost, activations: [...cost.activations] })),
  quality: {
    measuredOn: 'nothing',
    bucketEdges: [...BUCKET_EDGES],
    exits: network.stages.map(() => ({ accuracy: 0.5, meanConfidence: 0.5, buckets })),
  },
  defaultMinConfidence: 0.9,
  training: { command: '', commit: '', data: '', seed: 1, epochs: 0 },
  weights: { file: 'weights.bin', bytes: 1, sha256: '0'.repeat(64), dtype: 'float16', tensors: [] },
};

/** Frame f has the label f mod 3; its pixels say so. */
const COUNT = 30;
const frames: FrameSet = {
  name: 'made-up frames',
  classes: CLASSES,
  height: 32,
  width: 32,
  pixels: Uint8Array.from({ length: COUNT * 3072 }, (_, i) => Math.floor(i / 3072)),
  labels: Uint16Array.from({ length: COUNT }, (_, f) => f % 3),
};

/** Right at stage s for the frames below 10·s; sure (0.95) when right, else it says class of frame + 1 with 0.55. */
function scriptedRunner() {
  const held = new Map<number, number>();
  let next = 1;
  let largestBatch = 0;
  const runner: StageRunner = {
    start: async () => [],
    runStage: async (stage, inputs) => {
      largestBatch = Math.max(largestBatch, inputs.length);
      const outputs = inputs.map(({ handle, pixels }) => {
        const own = handle ?? next++;
        if (handle === null) held.set(own, pixels?.[0] as number);
        const frame = held.get(own) as number;
        const isRight = frame < 10 * stage;
        const scores = new Float32Array(3).fill(isRight ? 0.025 : 0.225);
        scores[isRight ? frame % 3 : (frame + 1) % 3] = isRight ? 0.95 : 0.55;
        return { handle: own, scores };
      });
      return { outputs, computeMs: 1 };
    },
    release: (handles) => {
      for (const handle of handles) held.delete(handle);
    },
    status: () => idleStatus('scripted'),
    stop: async () => {},
  };
  return { runner, held, largestBatch: () => largestBatch };
}

describe('evaluate', () => {
  it('measures every exit, what leaving early gives, and releases every frame', async () => {
    const { runner, held, largestBatch } = scriptedRunner();
    const seen: number[] = [];
    const result = await evaluate({ model, frames, runner, batch: 8, progress: (done) => seen.push(done) });
    expect(result.exits.map(({ accuracy }) => accuracy)).toEqual([10 / 30, 20 / 30, 1]);
    expect(result.exits.map(({ passes }) => passes)).toEqual(model.stages.map(({ passes }) => passes));
    expect(result.exits[0]?.separation).toBe(1);
    expect(result.earlyExit).toMatchObject({ minConfidence: 0.9, accuracy: 1, shares: [1 / 3, 1 / 3, 1 / 3] });
    expect(result.thresholds.find(({ minConfidence }) => minConfidence === 0.5)).toMatchObject({ shares: [1, 0, 0] });
    expect(result.lostByRefining).toBe(0);
    expect(result).toMatchObject({ model: 'made-up@1.0.0', engine: 'scripted', frames: COUNT });
    expect(held.size).toBe(0);
    expect(largestBatch()).toBe(8);
    expect(seen).toEqual([8, 16, 24, 30]);
  });

  it('tells what the temperatures did on these frames, where the bundle has them', async () => {
    const trust = { error: 0.5, separation: 0.5 };
    const exits = model.quality.exits.map((own, i) => ({
      ...own,
      ...(i > 0 && { calibration: { temperature: 2, before: trust, after: trust } }),
    }));
    const calibrated = { ...model, quality: { ...model.quality, exits } };
    const result = await evaluate({ model: calibrated, frames, runner: scriptedRunner().runner });
    const [first, second, last] = result.exits.map(({ calibration }) => calibration);
    expect(first).toBeNull();
    // At exit 2 two thirds say 0.95 and are right, a third says 0.55 and is wrong; squared and made to sum to 1: 0.9986 and 0.7492.
    expect(second?.after.error).toBeCloseTo((2 * 0.05 + 0.55) / 3, 5);
    expect(second?.before.error).toBeCloseTo((2 * (1 - 0.95 ** 2 / (0.95 ** 2 + 2 * 0.025 ** 2)) + 0.7492) / 3, 4);
    expect(second).toMatchObject({ temperature: 2, before: { separation: 1 }, after: { separation: 1 } });
    expect(last?.after).toEqual({ error: expect.closeTo(0.05, 5), separation: null });
    expect((await evaluate({ model, frames, runner: scriptedRunner().runner })).exits[1]?.calibration).toBeNull();
  });

  it('tells what the card expects of answers by the rule of the bundle, and of no others', async () => {
    const expectedOf = async (rule: 'latest' | 'most-confident') => {
      const { exits } = await evaluate({ model, frames, runner: scriptedRunner().runner, answer: { rule } });
      return exits.flatMap(({ confidence }) => confidence.map(({ expected }) => expected));
    };
    expect(new Set((await expectedOf('latest')).map((expected) => typeof expected))).toEqual(new Set(['number']));
    expect(new Set(await expectedOf('most-confident'))).toEqual(new Set([null]));
  });

  it('counts the confidence of each exit in the buckets of the model', async () => {
    const { exits } = await evaluate({ model, frames, runner: scriptedRunner().runner });
    const filled = exits[0]?.confidence.filter(({ frames: count }) => count > 0);
    expect(filled?.map(({ upTo, frames: count, right }) => ({ upTo, count, right }))).toEqual([
      { upTo: 0.6, count: 20, right: 0 },
      { upTo: 0.95, count: 10, right: 10 },
    ]);
  });
});
