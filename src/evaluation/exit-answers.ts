// What every exit answers to every frame of a set: the raw material of all measures. Two ways to get it: through the StageRunner port as in
// serving, and in this thread for weights that are not in a bundle yet.
import * as tf from '@tensorflow/tfjs-core';
import type { Network } from '../network/config.ts';
import { buildExitHead, exitScores } from '../network/exit-head.ts';
import type { Model } from '../network/model.ts';
import { createNormaliser } from '../network/normalise.ts';
import { buildStages, runStage } from '../network/stage.ts';
import type { WeightTensor } from '../network/weights-file.ts';
import type { StageRunner } from '../ports.ts';

/** Frames to measure on, in the network's input size. */
export interface LabelledFrames {
  /** Where they come from, for people. */
  readonly name: string;
  readonly height: number;
  readonly width: number;
  /** frames × height × width × 3, RGB. */
  readonly pixels: Uint8Array;
  /** Class number of each frame. */
  readonly labels: Uint16Array;
}

/** Of one exit, one entry per frame. */
export interface ExitAnswers {
  /** Class with the highest score. */
  readonly classes: Uint16Array;
  /** That score, 0…1. */
  readonly confidences: Float32Array;
}

export interface AnswerOptions {
  /** Frames in a stage batch. */
  readonly batch: number;
  readonly progress?: (done: number, all: number) => void;
  /** Sees the scores of each exit of each frame, exits in order. */
  readonly onScores?: (frame: number, stage: number, scores: Float32Array) => void;
}

/** Every frame to full depth through a started runner, stage by stage. Errors: as the runner's. */
export async function answersByRunner(
  runner: StageRunner,
  stages: number,
  frames: LabelledFrames,
  { batch, progress, onScores }: AnswerOptions,
): Promise<ExitAnswers[]> {
  const count = frames.labels.length;
  const exits = emptyAnswers(stages, count);
  for (let from = 0; from < count; from += batch) {
    const rows = Array.from({ length: Math.min(batch, count - from) }, (_, i) => from + i);
    let handles: readonly (number | null)[] = rows.map(() => null);
    for (const [index, exit] of exits.entries()) {
      const inputs = rows.map((frame, i) => {
        const handle = handles[i] ?? null;
        return { handle, pixels: handle === null ? pixelsOf(frames, frame).slice() : null };
      });
      const { outputs } = await runner.runStage(index + 1, inputs);
      handles = outputs.map(({ handle }) => handle);
      outputs.forEach(({ scores }, i) => {
        noteAnswer(exit, from + i, scores);
        onScores?.(from + i, index + 1, scores);
      });
    }
    runner.release(handles.filter((handle) => handle !== null));
    progress?.(from + rows.length, count);
  }
  return exits;
}

/** The same on this thread's present backend, with folded weights. */
export function answersInThread(...given: Parameters<typeof scoresInThread>): ExitAnswers[] {
  const frames = given[3].labels.length;
  return scoresInThread(...given).map((scores) => answersOf(scores, frames));
}

/** All scores of each exit, [frames × classes], on this thread's present backend, with folded weights. */
export function scoresInThread(
  network: Network,
  weights: ReadonlyMap<string, WeightTensor>,
  normalisation: Model['normalisation'],
  frames: LabelledFrames,
  { batch, progress }: AnswerOptions,
): Float32Array[] {
  const stages = buildStages(network, weights);
  const heads = stages.map((_, index) => buildExitHead(index + 1, weights));
  const classes = heads[0]?.bias.size ?? 0;
  const all = stages.map(() => new Float32Array(frames.labels.length * classes));
  const { height, width } = network.input;
  const normalise = createNormaliser(normalisation);
  for (let from = 0; from < frames.labels.length; from += batch) {
    const size = Math.min(batch, frames.labels.length - from);
    tf.tidy(() => {
      const values = new Float32Array(size * height * width * 3);
      for (let i = 0; i < size; i++) normalise(pixelsOf(frames, from + i), values, i * height * width * 3);
      const frame = tf.tensor4d(values, [size, height, width, 3]);
      let activations: tf.Tensor4D | undefined;
      stages.forEach((stage, index) => {
        activations = runStage(stage, { frame, activations });
        const head = heads[index] as (typeof heads)[number];
        const scores = exitScores(head, activations).dataSync() as Float32Array; // [size × classes]
        all[index]?.set(scores, from * classes);
      });
    });
    progress?.(from + size, frames.labels.length);
  }
  tf.dispose([
    heads.map(({ kernel, bias }) => [kernel, bias]),
    stages.map(({ frame, trunk, head }) => [
      [...frame, ...trunk].map(({ convolutions }) => convolutions.map(({ kernel, bias }) => [kernel, bias])),
      [head.kernel, head.bias],
    ]),
  ]);
  return all;
}

/** The answers in scores [frames × classes]. */
export function answersOf(scores: Float32Array, frames: number): ExitAnswers {
  const [exit] = emptyAnswers(1, frames) as [ExitAnswers];
  const classes = scores.length / frames;
  for (let i = 0; i < frames; i++) noteAnswer(exit, i, scores.subarray(i * classes, (i + 1) * classes));
  return exit;
}

/** Nothing answered yet. */
export function emptyAnswers(exits: number, frames: number): ExitAnswers[] {
  return Array.from({ length: exits }, () => ({
    classes: new Uint16Array(frames),
    confidences: new Float32Array(frames),
  }));
}

function pixelsOf({ pixels, height, width }: LabelledFrames, frame: number): Uint8Array {
  const size = height * width * 3;
  return pixels.subarray(frame * size, (frame + 1) * size);
}

/** Enter the answer in one frame's scores. */
export function noteAnswer(exit: ExitAnswers, frame: number, scores: Float32Array): void {
  let best = 0;
  for (let c = 1; c < scores.length; c++) if ((scores[c] as number) > (scores[best] as number)) best = c;
  exit.classes[frame] = best;
  exit.confidences[frame] = scores[best] as number;
}
