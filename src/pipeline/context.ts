// What the steps of the pipeline share: the ports, the settings, the frames in hand. Built once in pipeline.ts.
import type { AnswerPolicy } from '../core/answer-rule.ts';
import type { CreditLimits, Credits } from '../core/credits.ts';
import type { Frame } from '../core/frame.ts';
import type { FrameDefaults } from '../core/frame-spec.ts';
import type { LatencyModel } from '../core/latency-model.ts';
import type { ReadyQueue } from '../core/ready-queue.ts';
import type { RecentTimes } from '../core/recent-times.ts';
import type { ScheduleSettings } from '../core/scheduler.ts';
import type { StageTable } from '../core/stage-table.ts';
import type {
  BudgetStore,
  Clock,
  DepthStore,
  EventSink,
  FrameDecoder,
  FrameSource,
  ResultSink,
  StageRunner,
} from '../ports.ts';
import type { Advisory } from './advisory.ts';
import type { Attempts } from './attempts.ts';
import type { Decoding } from './decoding.ts';
import type { Partitions } from './partitions.ts';

export interface Ports {
  readonly source: FrameSource;
  readonly sink: ResultSink;
  readonly decoder: FrameDecoder;
  readonly budgets: BudgetStore;
  readonly depths: DepthStore;
  readonly runner: StageRunner;
  readonly clock: Clock;
  readonly events: EventSink;
}

export interface PipelineSettings {
  readonly workerId: string;
  /** name@version of the bundle, as results carry it. */
  readonly model: string;
  readonly classes: readonly string[];
  readonly table: StageTable;
  /** How the answers of a frame's exits become its answer; `table` was counted with it. */
  readonly answer: AnswerPolicy;
  readonly defaults: FrameDefaults;
  readonly credits: CreditLimits;
  readonly schedule: ScheduleSettings;
  /** Most bytes of activations held in the stage thread; above, the least gain is ended with its published answer. */
  readonly maxHeldActivationBytes: number;
  /** Results made and not acknowledged, roughly in bytes, above which no stage is run; the ends of frames in hand go on top. */
  readonly maxUnsentBytes: number;
  /** How long the budget store remembers a frame, ms. */
  readonly frameTtlMs: number;
  /** Between two load samples, ms. */
  readonly loadEveryMs: number;
  /** Between two commits, ms. */
  readonly commitEveryMs: number;
  /** Longest offset map that goes with a commit; 0 = none: then finished frames above the committed offset are done again. */
  readonly maxOffsetMapBytes: number;
  /** A frame whose stage runs fail this often, attempts that came to nothing elsewhere included, becomes a dead letter. */
  readonly maxFailedRuns: number;
  /** A stage run that takes longer than `factor` times its expected time, and than `floorMs`, has hung. */
  readonly hang: { readonly factor: number; readonly floorMs: number };
  /**
   * A frame on which work was begun this often alone and came to nothing, each time since it last got further, becomes a dead letter. A
   * frame is worked on alone after an attempt among others came to nothing.
   */
  readonly maxAttempts: number;
}

export interface PipelineContext extends Ports {
  readonly settings: PipelineSettings;
  readonly queue: ReadyQueue;
  readonly latency: LatencyModel;
  readonly credits: Credits;
  readonly partitions: Partitions;
  readonly inHand: Set<Frame>;
  readonly budgetAdvice: Advisory;
  readonly attempts: Attempts;
  readonly depthAdvice: Advisory;
  /** Frames that wait for their pixels. */
  readonly decoding: Decoding;
  /** Deepest stage allowed in the fleet now; null = no limit. */
  depthLimit: number | null;
  /** What recording and publishing an answer takes, 95th percentile, ms. */
  readonly publishMs: () => number;
  /** Of what publishing took, for that. */
  readonly publishTimes: RecentTimes;
  /** When a frame with a deadline last came, epoch ms. */
  deadlineSeenAt: number;
  /** Results that wait for the broker's acknowledgement, roughly, bytes. */
  unsentBytes: number;
  /** starting → running → draining → stopped. Only a running pipeline takes frames in. */
  phase: 'starting' | 'running' | 'draining' | 'stopped';
}
