// A data set in memory as 8-bit pixels, its split into training and validation frames, and its normalisation.
import { createHash } from 'node:crypto';
import { AnytimeError } from '../errors.ts';
import { random, shuffled } from './random.ts';

export interface FrameSet {
  /** Where it came from, for the model card. */
  readonly name: string;
  readonly classes: readonly string[];
  readonly height: number;
  readonly width: number;
  /** frames × height × width × 3, RGB. */
  readonly pixels: Uint8Array;
  /** Class number of each frame. */
  readonly labels: Uint16Array;
}

/** Pixels 0…255 become (pixel / 255 − mean) / std per channel. */
export interface Normalisation {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** What is still told of a data set when its pixels are given back. */
export interface DataFacts extends Pick<FrameSet, 'name' | 'classes'> {
  /** Frames in it. */
  readonly frames: number;
  readonly framesSha256: string;
}

export function factsOf(data: FrameSet): DataFacts {
  const { name, classes, labels } = data;
  return { name, classes, frames: labels.length, framesSha256: framesSha256(data) };
}

/** Node hashes less than 2 GiB at once. */
const HASHED_AT_ONCE = 2 ** 28;

/** Tells these frames, in their order, from any others. `atOnce`: bytes. */
export function framesSha256({ pixels, labels }: FrameSet, atOnce = HASHED_AT_ONCE): string {
  const hash = createHash('sha256').update(new Uint8Array(Uint16Array.from(labels).buffer));
  for (let at = 0; at < pixels.length; at += atOnce) hash.update(pixels.subarray(at, at + atOnce));
  return hash.digest('hex');
}

/** Mean and deviation of each channel over the frames, rounded to 4 digits so that the model card says exactly what is used. */
export function normalisationOf(data: FrameSet): Normalisation {
  const sum = [0, 0, 0];
  const squares = [0, 0, 0];
  for (let i = 0; i < data.pixels.length; i++) {
    const value = (data.pixels[i] as number) / 255;
    sum[i % 3] = (sum[i % 3] as number) + value;
    squares[i % 3] = (squares[i % 3] as number) + value * value;
  }
  const count = data.pixels.length / 3;
  const round = (value: number) => Math.round(value * 1e4) / 1e4;
  const mean = sum.map((s) => s / count);
  const std = squares.map((s, c) => Math.max(1e-3, Math.sqrt(Math.max(0, s / count - (mean[c] as number) ** 2))));
  return { mean: mean.map(round) as [number, number, number], std: std.map(round) as [number, number, number] };
}

/** Table of the 256 normalised values of each channel: [channel · 256 + pixel]. */
export function normalise({ mean, std }: Normalisation): Float32Array {
  return Float32Array.from(
    { length: 768 },
    (_, i) => ((i & 255) / 255 - (mean[i >> 8] as number)) / (std[i >> 8] as number),
  );
}

/** Frames by number, in that order. Their pixels lie in shared memory, so that a thread that reads them needs no copy. */
export function subset(data: FrameSet, frames: ArrayLike<number>): FrameSet {
  const size = data.height * data.width * 3;
  const pixels = new Uint8Array(new SharedArrayBuffer(frames.length * size));
  const labels = new Uint16Array(frames.length);
  for (let i = 0; i < frames.length; i++) {
    const frame = frames[i] as number;
    pixels.set(data.pixels.subarray(frame * size, (frame + 1) * size), i * size);
    labels[i] = data.labels[frame] as number;
  }
  return { ...data, pixels, labels };
}

/**
 * Hold out a share of each class, chosen by the seed: of each with two frames or more at least one, never all. A single frame of a class stays
 * in training. Frames keep their order within both parts.
 * Errors: bad-data-set when a class has no frame, or nothing would be held out.
 */
export function split(
  data: FrameSet,
  validationShare: number,
  seed: number,
): { train: FrameSet; validation: FrameSet } {
  const isHeldOut = new Uint8Array(data.labels.length);
  const framesOf = data.classes.map(() => [] as number[]);
  for (const [i, label] of data.labels.entries()) framesOf[label]?.push(i);
  data.classes.forEach((name, label) => {
    const frames = framesOf[label] as number[];
    if (frames.length === 0) {
      throw new AnytimeError('bad-data-set', `Expected frames of class "${name}" to train on, got none`);
    }
    const wanted = validationShare > 0 ? Math.max(1, Math.round(frames.length * validationShare)) : 0;
    const count = Math.min(wanted, frames.length - 1);
    for (const at of shuffled(frames.length, random(seed, 'split', label)).subarray(0, count))
      isHeldOut[frames[at] as number] = 1;
  });
  if (!isHeldOut.includes(1)) {
    throw new AnytimeError(
      'bad-data-set',
      `Expected a class with two frames or more and a share above 0 of them to hold out for validation, got ${data.labels.length} frames and ${validationShare}`,
    );
  }
  const all = [...data.labels.keys()];
  return {
    train: subset(
      data,
      all.filter((i) => !isHeldOut[i]),
    ),
    validation: subset(
      data,
      all.filter((i) => isHeldOut[i]),
    ),
  };
}
