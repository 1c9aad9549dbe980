// What the main thread and the stage thread say to each other. Runs are answered in the order they were asked.
import type { ErrorCode } from '../../errors.ts';
import type { ActivationHandle, EngineStatus } from '../../ports.ts';
import type { BackendChoice } from './backend.ts';
import type { TensorNumberLimits } from './tensor-numbers.ts';

/** Given to the thread as it starts. */
export interface ThreadOptions {
  readonly bundleFolder: string;
  readonly backend: BackendChoice;
  /** Batch sizes to warm up, ascending. */
  readonly batchSizes: readonly number[];
  /** Timed runs of each (stage, batch size) after one that is not; 0 = only warm up. */
  readonly timedRuns: number;
  /** Larger batch sizes are left out once the warm-up took this long, ms. */
  readonly warmUpMs: number;
  /** Environment variables for the native library, for example TF_NUM_INTRAOP_THREADS. */
  readonly nativeSettings: Readonly<Record<string, string>>;
  /** After so many tensors the thread is spent. */
  readonly tensorNumbers: TensorNumberLimits;
}

export type ToThread =
  | {
      readonly type: 'run';
      readonly id: number;
      readonly stage: number;
      readonly handles: readonly ActivationHandle[];
      /** Which of them are new: their pixels lie one after another, in order, in `pixels` (transferred). */
      readonly isNew: readonly boolean[];
      readonly pixels: Uint8Array<ArrayBuffer>;
    }
  | { readonly type: 'release'; readonly handles: readonly ActivationHandle[] }
  | { readonly type: 'stop' };

export type ThreadStatus = Pick<EngineStatus, 'backend' | 'description' | 'busyMs' | 'tensors'>;

export interface StageTiming {
  readonly stage: number;
  readonly batch: number;
  /** Median, ms. */
  readonly ms: number;
}

export type FromThread =
  | {
      readonly type: 'ready';
      readonly timings: readonly StageTiming[];
      /** Length of one frame's pixels. */
      readonly pixelBytes: number;
      /** Bytes held of a frame after each stage, stage 1 first. */
      readonly heldBytesAt: readonly number[];
      readonly status: ThreadStatus;
    }
  | { readonly type: 'not-started'; readonly code: ErrorCode; readonly message: string }
  | {
      readonly type: 'ran';
      readonly id: number;
      /** Probabilities [frames × classes], row by row. */
      readonly scores: Float32Array;
      readonly computeMs: number;
      readonly status: ThreadStatus;
    }
  /** The thread has done what one can do, and ends: what it was asked and did not answer was never begun. */
  | { readonly type: 'spent'; readonly message: string }
  | {
      readonly type: 'failed';
      readonly id: number;
      readonly code: ErrorCode;
      readonly message: string;
      /** True when the backend failed, false when the call was refused. */
      readonly isKernels: boolean;
      readonly status: ThreadStatus;
    };
