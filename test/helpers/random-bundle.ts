// A bundle with random weights for tests: any network, no training. Scores differ between frames and between exits.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bundle, writeBundle } from '../../src/network/bundle.ts';
import type { Network } from '../../src/network/config.ts';
import { NetworkSchema } from '../../src/network/config.ts';
import { stageCosts } from '../../src/network/cost.ts';
import type { Model } from '../../src/network/model.ts';
import { sizeOf, tensorShapes } from '../../src/network/shapes.ts';

/** A small network with every kind of unit and every way of taking input; odd sizes, so that pools drop a row. */
export const EVERY_KIND: Network = NetworkSchema.parse({
  name: 'every-kind',
  input: { height: 14, width: 14, channels: 3 },
  stages: [
    { takes: 'frame', frame: [{ kind: 'conv', out: 6, stride: 2 }], trunk: [{ kind: 'residual' }] },
    {
      takes: 'both',
      frame: [
        { kind: 'whiten', out: 8, kernel: 2, stride: 1 },
        { kind: 'conv', out: 5, pool: 2 },
      ],
      trunk: [{ kind: 'conv', out: 10, kernel: 3, stride: 1, pool: 2 }],
    },
    { takes: 'activations', trunk: [{ kind: 'residual' }, { kind: 'conv', out: 12, kernel: 1 }] },
    { takes: 'frame', frame: [{ kind: 'whiten', out: 9, kernel: 5, stride: 4 }] },
    { takes: 'activations', trunk: [{ kind: 'conv', out: 7, kernel: 2, pool: 2 }] },
  ],
});

/** Numbers in 0…1 that only depend on the seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A bundle in memory: weights uniform and scaled so that activations keep their size through the layers. */
export function randomBundle(network: Network, seed: number, classes = 4): Bundle {
  const random = randomNumbers(seed);
  const tensors = new Map(
    [...tensorShapes(network, classes)].map(([name, shape]) => {
      const fanIn = shape.length > 1 ? sizeOf(shape.slice(0, -1)) : 4;
      const data = Float32Array.from({ length: sizeOf(shape) }, () => (random() * 2 - 1) * Math.sqrt(6 / fanIn));
      return [name, { shape, data }];
    }),
  );
  const listed = [...tensors].map(([name, { shape }]) => ({ name, shape: [...shape] }));
  const weights = { file: 'weights.bin', bytes: 1, sha256: '0'.repeat(64), dtype: 'float32' as const, tensors: listed };
  return { model: { ...description(network, classes), weights }, tensors };
}

function description(network: Network, classes: number): Omit<Model, 'weights'> {
  const costs = stageCosts(network, classes);
  return {
    format: 1,
    name: network.name,
    version: '1',
    classes: Array.from({ length: classes }, (_, index) => `class-${index}`),
    normalisation: { mean: [0.5, 0.4, 0.3], std: [0.25, 0.2, 0.3] },
    network,
    stages: costs.map((cost) => ({ ...cost, activations: [...cost.activations] })),
    quality: {
      measuredOn: 'nothing: random weights',
      bucketEdges: [0.5, 1],
      exits: costs.map((_, index) => ({
        accuracy: (index + 1) / (costs.length + 1),
        meanConfidence: 0.5,
        buckets: [
          { frames: 10, right: index },
          { frames: 10, right: index + 1 },
        ],
      })),
    },
    defaultMinConfidence: 0.9,
    training: { command: 'none', commit: 'none', data: 'none', seed: 0, epochs: 0 },
  };
}

/** Write the bundle into a new temporary folder, give its path to `use`, and remove it. */
export async function withBundleFolder<T>(bundle: Bundle, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  try {
    await writeBundle(folder, bundle.model, bundle.tensors, '# Random weights\n', 'float32');
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Pixels of a made-up frame of the network's input size: another for every index. */
export function framePixels({ input }: Network, index: number): Uint8Array {
  const random = randomNumbers(index + 1);
  return Uint8Array.from({ length: input.height * input.width * input.channels }, () => random() * 256);
}
