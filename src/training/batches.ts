// The batches of a training, made in a thread of their own one step ahead, so that the training thread never waits for pixels.
// What a batch holds follows from (plan, step) alone: the thread changes when it is made, not one bit of it.
import type { Worker } from 'node:worker_threads';
import { AnytimeError } from '../errors.ts';
import { startThread } from '../start-thread.ts';
import { type Augmentation, makeBatch } from './augment.ts';
import type { FrameSet, Normalisation } from './frames.ts';
import { random, shuffled } from './random.ts';

export interface BatchPlan {
  readonly frames: FrameSet;
  readonly normalisation: Normalisation;
  /** Frames a batch; those left over at the end of an epoch are in none. */
  readonly batch: number;
  readonly seed: number;
  readonly augmentation: Augmentation;
  readonly steps: number;
}

export interface Batch {
  /** [batch, height, width, 3], normalised. */
  readonly frames: Float32Array<ArrayBuffer>;
  readonly labels: number[];
}

export function stepsPerEpoch({ frames, batch }: Pick<BatchPlan, 'frames' | 'batch'>): number {
  return Math.floor(frames.labels.length / batch);
}

/** A maker of the batches of a plan; it remembers the order of one epoch. Steps count from 0. */
export function batchMaker(plan: BatchPlan): (step: number) => Batch {
  const { frames, normalisation, batch, seed, augmentation } = plan;
  const perEpoch = stepsPerEpoch(plan);
  let known: { readonly epoch: number; readonly order: Int32Array } | null = null;
  return (step) => {
    const epoch = Math.floor(step / perEpoch);
    if (known?.epoch !== epoch) known = { epoch, order: shuffled(frames.labels.length, random(seed, 'order', epoch)) };
    const from = (step % perEpoch) * batch;
    const picked = known.order.subarray(from, from + batch);
    const augmented = { by: augmentation, epoch, source: random(seed, 'augment', step) };
    return {
      frames: makeBatch(frames, normalisation, picked, augmented),
      labels: Array.from(picked, (frame) => frames.labels[frame] as number),
    };
  };
}

export interface Batches {
  /** The batch of this step; the next one is begun. Errors: stopped when the thread ended. */
  of(step: number): Promise<Batch>;
  close(): Promise<void>;
}

/** What the thread answers to the number of a step. */
export interface MadeBatch extends Batch {
  readonly step: number;
}

/** Starts the thread. The frames are shared with it where their pixels lie in shared memory, else copied once. */
export function startBatches(plan: BatchPlan): Batches {
  const thread: Worker = startThread('batch-thread', plan);
  const wanted = new Map<number, { resolve: (batch: Batch) => void; reject: (error: Error) => void }>();
  const made = new Map<number, Promise<Batch>>();
  let failure: Error | null = null;

  const fail = (error: Error) => {
    failure ??= error;
    for (const { reject } of wanted.values()) reject(failure);
    wanted.clear();
  };
  thread.on('message', ({ step, ...batch }: MadeBatch) => {
    wanted.get(step)?.resolve(batch);
    wanted.delete(step);
  });
  thread.on('error', fail);
  thread.on('exit', () => fail(new AnytimeError('stopped', 'Expected the thread that makes batches to run, it ended')));

  function begin(step: number): Promise<Batch> {
    const begun = made.get(step);
    if (begun !== undefined) return begun;
    const batch = new Promise<Batch>((resolve, reject) => {
      if (failure !== null) reject(failure);
      else wanted.set(step, { resolve, reject });
    });
    batch.catch(() => {}); // told to who asks for it
    made.set(step, batch);
    thread.postMessage(step);
    return batch;
  }

  return {
    async of(step) {
      const batch = begin(step);
      for (const old of made.keys()) if (old !== step) made.delete(old);
      if (step + 1 < plan.steps) begin(step + 1);
      return await batch;
    },
    async close() {
      await thread.terminate();
    },
  };
}
