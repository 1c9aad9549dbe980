// What the exit heads cost in time: the forward pass of a network with every head, against the same without the heads before the last.
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { Network } from '../network/config.ts';
import { exitScores } from '../network/exit-head.ts';
import { sizeOf, tensorShapes } from '../network/shapes.ts';
import { buildStages, runStage } from '../network/stage.ts';

export const HeadTimeSchema = z.strictObject({
  engine: z.string(),
  network: z.string(),
  classes: z.int(),
  batch: z.int(),
  rounds: z.int(),
  /** Medians over the rounds of the time of one batch, ms. */
  allHeadsMs: z.number(),
  lastHeadMs: z.number(),
  /** Medians over the rounds of what the heads before the last add: ms a batch, and time with them / time without. */
  extraMs: z.number(),
  ratio: z.number(),
});
export type HeadTime = z.infer<typeof HeadTimeSchema>;

export interface HeadTimeOptions {
  /** Frames in a batch. */
  readonly batch: number;
  readonly rounds: number;
  /** Not counted. */
  readonly warmUps: number;
  /** Any time, ms. */
  readonly now: () => number;
}

const DEFAULTS: HeadTimeOptions = { batch: 32, rounds: 61, warmUps: 5, now: () => performance.now() };

/** On this thread's present backend, with made-up weights: time does not depend on what they say. The scores of every head that runs are read. */
export function measureHeadTime(network: Network, classes: number, options: Partial<HeadTimeOptions> = {}): HeadTime {
  const { batch, ...rest } = { ...DEFAULTS, ...options };
  return tf.tidy(() => {
    const stages = buildStages(network, madeUpWeights(network, classes));
    const { height, width } = network.input;
    const pixels = Float32Array.from({ length: batch * height * width * 3 }, (_, i) => noise(i));
    const frame = tf.tensor4d(pixels, [batch, height, width, 3]);
    const forward = (heads: 'all' | 'last') =>
      tf.tidy(() => {
        let activations: tf.Tensor4D | undefined;
        stages.forEach((stage, index) => {
          activations = runStage(stage, { frame, activations });
          if (heads === 'all' || index === stages.length - 1) exitScores(stage.head, activations).dataSync();
        });
      });
    const times = alternate({ all: () => forward('all'), last: () => forward('last') }, rest);
    return {
      engine: tf.getBackend(),
      network: network.name,
      classes,
      batch,
      rounds: times.length,
      allHeadsMs: median(times.map(({ all }) => all)),
      lastHeadMs: median(times.map(({ last }) => last)),
      extraMs: median(times.map(({ all, last }) => all - last)),
      ratio: median(times.map(({ all, last }) => all / last)),
    };
  });
}

/** Times of both in each round, ms; every other round in the other order, so that what slows a machine down slows both. */
export function alternate(
  run: { readonly all: () => void; readonly last: () => void },
  { rounds, warmUps, now }: Omit<HeadTimeOptions, 'batch'>,
): { readonly all: number; readonly last: number }[] {
  const timed = (what: () => void) => {
    const startedAt = now();
    what();
    return now() - startedAt;
  };
  const all = Array.from({ length: warmUps + rounds }, (_, round) => {
    if (round % 2 === 0) {
      const first = timed(run.all);
      return { all: first, last: timed(run.last) };
    }
    const first = timed(run.last);
    return { all: timed(run.all), last: first };
  });
  return all.slice(warmUps);
}

/** Scaled so that activations keep their size through the layers: no denormal numbers, no infinities. */
function madeUpWeights(network: Network, classes: number) {
  return new Map(
    [...tensorShapes(network, classes)].map(([name, shape]) => {
      const scale = shape.length > 1 ? Math.sqrt(2 / sizeOf(shape.slice(0, -1))) : 0;
      return [name, { shape, data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => scale * noise(i)) }];
    }),
  );
}

/** Like random numbers of mean 0 and deviation 1, the same every time. */
function noise(i: number): number {
  return Math.SQRT2 * Math.sin(12.9898 * (i + 1) ** 1.5);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}
