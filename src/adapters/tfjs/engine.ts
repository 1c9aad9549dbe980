// The engine of one thread: a bundle's stages on the present backend, and the activations of every frame between them.
// Life of a frame's handle:
//   first run of a stage that takes the frame ──▶ held (activations after stage s, pixels while a later stage takes them)
//   held ── run stage s + 1 ──▶ held at s + 1; what no later stage reads is let go at once
//   held ── release ──▶ gone. A run that fails leaves every handle as it was.
import * as tf from '@tensorflow/tfjs-core';
import { AnytimeError, messageOf } from '../../errors.ts';
import type { Bundle } from '../../network/bundle.ts';
import { exitScores } from '../../network/exit-head.ts';
import { createNormaliser } from '../../network/normalise.ts';
import { sizeOf } from '../../network/shapes.ts';
import { type BuiltStage, buildStages, runStage } from '../../network/stage.ts';
import type { ActivationHandle, EngineStatus, Pixels } from '../../ports.ts';
import type { Backend } from './backend.ts';
import { tensorCount } from './tensor-numbers.ts';

const FLOAT_BYTES = 4;

export interface EngineInput {
  readonly handle: ActivationHandle;
  /** The frame's pixels where the engine holds nothing of it yet; the engine keeps this array. */
  readonly pixels: Pixels | null;
}

export interface StageRun {
  /** Probabilities [frames × classes], row by row in the frames' order. */
  readonly scores: Float32Array;
  readonly computeMs: number;
}

export interface Engine {
  readonly stages: number;
  readonly pixelBytes: number;
  /** Bytes held of a frame after each stage, stage 1 first. */
  readonly heldBytesAt: readonly number[];
  /** Run stage `stage` (from 1) on the frames. Errors: engine-failed; the handles are as they were before. */
  run(stage: number, frames: readonly EngineInput[]): StageRun;
  /** Let go of everything held of these frames. Unknown handles are ignored. */
  release(handles: readonly ActivationHandle[]): void;
  status(): Omit<EngineStatus, 'generation'>;
}

interface Held {
  /** Stage that made the activations; 0 = none yet. */
  readonly stage: number;
  /** [1, height, width, channels]; null when no later stage reads them. */
  readonly activations: tf.Tensor4D | null;
  readonly pixels: Pixels | null;
}

/** Build the engine on the present backend. `now` measures compute time, ms. */
export function createEngine({ model, tensors }: Bundle, backend: Backend, now: () => number): Engine {
  const { height, width, channels } = model.network.input;
  const pixelBytes = height * width * channels;
  const stages = buildStages(model.network, tensors);
  const normalise = createNormaliser(model.normalisation);
  const held = new Map<ActivationHandle, Held>();
  let heldBytes = 0;
  let busyMs = 0;

  function run(stage: number, frames: readonly EngineInput[]): StageRun {
    const begin = now();
    const built = stages[stage - 1];
    if (built === undefined) throw failed(`Expected a stage from 1 to ${stages.length}, got ${stage}`);
    if (frames.length === 0) throw failed('Expected at least one frame, got none');
    const before = frames.map((frame) => lookUp(built, stage, frame));
    const { scores, kept } = compute(built, stage, before);
    frames.forEach(({ handle }, index) => {
      const pixels = isFrameReadAfter(stage) ? (before[index]?.pixels ?? null) : null;
      replace(handle, { stage, activations: kept[index] ?? null, pixels });
    });
    const computeMs = now() - begin;
    busyMs += computeMs;
    return { scores, computeMs };
  }

  /** What is held of a frame, or its pixels as if they were; refuses what this stage cannot run on. */
  function lookUp(built: BuiltStage, stage: number, { handle, pixels }: EngineInput): Held {
    const known = held.get(handle);
    if (known === undefined && pixels === null)
      throw failed(`Handle ${handle}: expected it to be held, got a released one`);
    const frame = known ?? { stage: 0, activations: null, pixels };
    if (built.takes !== 'frame' && (frame.stage !== stage - 1 || frame.activations === null))
      throw failed(`Handle ${handle}: expected activations of stage ${stage - 1}, got those of stage ${frame.stage}`);
    if (built.takes !== 'activations' && frame.pixels?.length !== pixelBytes)
      throw failed(`Handle ${handle}: expected ${pixelBytes} bytes of pixels, got ${frame.pixels?.length ?? 'none'}`);
    return frame;
  }

  function compute(built: BuiltStage, stage: number, frames: readonly Held[]) {
    const kept: tf.Tensor4D[] = [];
    try {
      const scores = tf.tidy(() => {
        const activations = built.takes === 'frame' ? undefined : joined(frames);
        const frame = built.takes === 'activations' ? undefined : frameTensor(frames);
        const output = runStage(built, { activations, frame });
        if (areActivationsReadAfter(stage)) for (const row of rows(output)) kept.push(tf.keep(row));
        return exitScores(built.head, output).dataSync() as Float32Array; // [N × classes]
      });
      return { scores, kept };
    } catch (cause) {
      tf.dispose(kept);
      throw failed(`Stage ${stage} on ${frames.length} frames: ${messageOf(cause)}`, cause);
    }
  }

  /** Pixels → [N, height, width, 3], normalised. */
  function frameTensor(frames: readonly Held[]): tf.Tensor4D {
    const values = new Float32Array(frames.length * pixelBytes);
    frames.forEach(({ pixels }, index) => {
      if (pixels) normalise(pixels, values, index * pixelBytes);
    });
    return tf.tensor4d(values, [frames.length, height, width, channels]);
  }

  function areActivationsReadAfter(stage: number): boolean {
    return stages[stage] !== undefined && stages[stage].takes !== 'frame';
  }

  function isFrameReadAfter(stage: number): boolean {
    return stages.slice(stage).some(({ takes }) => takes !== 'activations');
  }

  function replace(handle: ActivationHandle, next: Held | null): void {
    const old = held.get(handle);
    if (old !== undefined) heldBytes -= bytesOf(old);
    old?.activations?.dispose();
    if (next === null) held.delete(handle);
    else {
      held.set(handle, next);
      heldBytes += bytesOf(next);
    }
  }

  return {
    stages: stages.length,
    pixelBytes,
    heldBytesAt: model.stages.map(({ activations }, index) => {
      const activationBytes = areActivationsReadAfter(index + 1) ? sizeOf(activations) * FLOAT_BYTES : 0;
      return activationBytes + (isFrameReadAfter(index + 1) ? pixelBytes : 0);
    }),
    run,
    release: (handles) => {
      for (const handle of handles) replace(handle, null);
    },
    status: () => ({
      backend: backend.name,
      description: backend.description,
      busyMs,
      heldActivations: held.size,
      heldBytes,
      tensors: tensorCount(),
    }),
  };
}

/** Frames' activations, one after another → [N, height, width, channels]. */
function joined(frames: readonly Held[]): tf.Tensor4D | undefined {
  const tensors = frames.flatMap(({ activations }) => activations ?? []);
  return tensors.length > 1 ? tf.concat(tensors, 0) : tensors[0];
}

/** [N, height, width, channels] → N of [1, height, width, channels]: what each frame holds is freed when it alone ends. */
function rows(batch: tf.Tensor4D): tf.Tensor4D[] {
  const [count, height, width, channels] = batch.shape;
  if (count === 1) return [batch];
  if (tf.getBackend() === 'tensorflow') return tf.split(batch, count, 0);
  // wasm's split copies the whole batch once per row (32 × 64 KiB: 27 ms); by way of the host it takes 2 ms.
  const values = batch.dataSync();
  const size = height * width * channels;
  return Array.from({ length: count }, (_, row) =>
    tf.tensor4d(values.subarray(row * size, (row + 1) * size) as Float32Array, [1, height, width, channels]),
  );
}

function bytesOf({ activations, pixels }: Held): number {
  return (activations?.size ?? 0) * FLOAT_BYTES + (pixels?.byteLength ?? 0);
}

function failed(message: string, cause?: unknown): AnytimeError {
  return new AnytimeError('engine-failed', message, { cause });
}
