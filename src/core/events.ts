// Everything the pipeline tells about itself, as one union: logs, the demo's display and tests subscribe to it.
import type { Held, LoadSample } from './load.ts';
import type { ResultValue } from './result.ts';

export type PipelineEvent =
  | { readonly type: 'started'; readonly engine: string; readonly model: string }
  | { readonly type: 'assigned'; readonly topic: string; readonly partition: number; readonly epoch: number }
  | { readonly type: 'revoked'; readonly topic: string; readonly partition: number }
  | { readonly type: 'taken'; readonly frames: number }
  | { readonly type: 'paused'; readonly heldFrames: number; readonly heldBytes: number }
  | { readonly type: 'resumed' }
  | { readonly type: 'skipped'; readonly id: string; readonly why: 'already-final' | 'already-settled' }
  | { readonly type: 'dropped'; readonly id: string; readonly why: 'stale-epoch' | 'already-taken' }
  | { readonly type: 'offset-map-ignored'; readonly topic: string; readonly partition: number; readonly reason: string }
  | {
      readonly type: 'stage-run';
      readonly stage: number;
      readonly batch: number;
      readonly ms: number;
      /** Time the engine's thread was busy since its start, ms. */
      readonly busyMs: number;
      readonly queued: number;
    }
  | { readonly type: 'published'; readonly result: ResultValue; readonly isFirst: boolean }
  | { readonly type: 'dead-lettered'; readonly id: string; readonly step: string; readonly reason: string }
  | { readonly type: 'committed'; readonly topic: string; readonly partition: number; readonly offset: bigint }
  | { readonly type: 'load'; readonly sample: LoadSample; readonly depthLimit: number | null; readonly held?: Held }
  | { readonly type: 'degraded'; readonly what: 'budget-store' | 'depth-store'; readonly reason: string }
  | { readonly type: 'recovered'; readonly what: 'budget-store' | 'depth-store' }
  | { readonly type: 'engine-restarted'; readonly reason: string; readonly framesToRunAgain: number }
  | { readonly type: 'retry'; readonly what: string; readonly reason: string; readonly inMs: number }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'drained'; readonly inMs: number };
