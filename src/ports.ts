// The outer world on one page: what the pipeline asks of it. Each port has an in-memory and a real adapter, and both pass
// the port's suite in test/contracts. Times are epoch milliseconds, costs are passes, stages count from 1.

import type { PipelineEvent } from './core/events.ts';
import type { Commit, FrameFormat, FrameRecord, TopicPartition } from './core/frame-record.ts';
import type { LoadSample } from './core/load.ts';
import type { ExitReason, ResultRecord, ResultValue } from './core/result.ts';

export type { Commit, FrameFormat, FrameRecord, TopicPartition } from './core/frame-record.ts';

export interface AssignedPartition extends TopicPartition {
  readonly epoch: number;
  /** Offset and metadata of the group's commit, read as one; both null when there is none, or when it could not be read. */
  readonly committed: bigint | null;
  readonly metadata: string | null;
  /** Why the commit could not be read; null = it was. Records begin where they would have begun anyway. */
  readonly problem: string | null;
}

/** What a source tells its consumer. None of these may throw; the source calls them one at a time. */
export interface FrameHandlers {
  /**
   * All partitions now owned, with a new epoch for each (higher than every earlier one of that partition in this process). One that was
   * assigned before and not revoked since was owned all the time, as far as the source knows.
   */
  assigned(partitions: readonly AssignedPartition[]): void;
  /** Partitions no longer owned: their frames' work is to be dropped, their commits come to nothing. */
  revoked(partitions: readonly TopicPartition[]): void;
  /** Records of one partition in offset order. The source does not wait: back-pressure is `pause`. */
  records(records: readonly FrameRecord[]): void;
  /** The source can go on no more (its own bounded restarts are used up). */
  failed(error: Error): void;
}

export interface FrameSource {
  /** Resolves once it is in the group and has told its partitions. Errors: broker-unavailable, also where the topic is missing. Once. */
  start(handlers: FrameHandlers): Promise<void>;
  /** Stop fetching these; records already on their way may still come. Idempotent. */
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /**
   * Resolves with what the broker has taken of it. Commits of an older epoch than the partition's present one are dropped; metadata longer
   * than the broker takes is left out. Rejects (retriable) when the broker is away.
   */
  commit(commits: readonly Commit[]): Promise<readonly Commit[]>;
  /** Leave the group. Idempotent. Commit before it. */
  stop(): Promise<void>;
}

export interface DeadLetter {
  readonly record: FrameRecord;
  readonly reason: Error;
  /** Step that refused it, for example "intake" or "decode". */
  readonly step: string;
}

export interface ResultSink {
  /** Errors: broker-unavailable, also where a topic is missing. */
  start(): Promise<void>;
  /**
   * Resolves when the broker has acknowledged all of them. First answers go to `frames.coarse`, later records to `frames.refined`. Where it
   * rejects, some may be out.
   */
  publish(results: readonly ResultRecord[]): Promise<void>;
  /** The record plus __connect.errors.* headers, to the dead-letter topic; of what is larger than it takes, less (README.md). */
  deadLetter(letters: readonly DeadLetter[]): Promise<void>;
  stop(): Promise<void>;
}

/** RGB, 8 bits a channel, height × width × 3, row by row, in the model's input size. */
export type Pixels = Uint8Array;

export interface FrameDecoder {
  /**
   * Decode off the event loop and resize to the model's input. Where decodes must wait, the earliest `due`
   * (epoch ms, null = last) goes first, and `isWanted` is asked when a decode's turn comes. Errors: bad-image (or it took too
   * long), image-too-large; decoder-hung, after which nothing can be decoded; stopped where it is not wanted any more.
   */
  decode(bytes: Uint8Array, format: FrameFormat, due: number | null, isWanted?: () => boolean): Promise<Pixels>;
}

/** What a budget store knows of one frame. */
export interface FrameProgress {
  /** Passes spent so far, over all attempts. */
  readonly spent: number;
  /**
   * How often work on this frame was begun since it last got further (a higher stage or its end was recorded), this time
   * included, whether it was counted or not; attempts given back are left out.
   */
  readonly attempts: number;
  /** Highest stage recorded; 0 = none. */
  readonly stage: number;
  /** The answer recorded with that stage, as given to `record`; null = none. */
  readonly answer: string | null;
  /** True when a final record was recorded before. */
  readonly isFinal: boolean;
  /** Highest stage of which the broker acknowledged an answer, final or not; 0 = none: no first answer may have gone out. */
  readonly acknowledgedStage: number;
  /** True when that final record was acknowledged too: skip the frame. Else it may never have gone out: send it again. */
  readonly isAcknowledged: boolean;
}

/** An answer, or an end, that the broker has acknowledged. */
export interface Acknowledged {
  readonly frameId: string;
  /** As recorded. */
  readonly stage: number;
  readonly isFinal: boolean;
}

export interface RecordEntry {
  readonly frameId: string;
  /** Stage of the answer, from 1; 0 for a final record without an answer. */
  readonly stage: number;
  /** Passes that running this stage took. */
  readonly cost: number;
  /** Passes that all stages up to this one took, where the store may have forgotten some of them. */
  readonly costSoFar?: number;
  readonly epoch: number;
  /** Why the frame ends with it; null unless final. */
  readonly exit: ExitReason | null;
  /** The answer, opaque to the store, kept so that a redelivered frame without time left can still end with it. */
  readonly answer: string | null;
}

/** Time to live in a BudgetStore of a frame that is recorded without having been begun (its entry ran out meanwhile), ms. */
export const UNBEGUN_TTL_MS = 600_000;

export interface BudgetStore {
  start(): Promise<void>;
  /**
   * Since when it has been in use, epoch ms by its own clock, as of the last reply of `begin` or `record`, which ask after they did their work;
   * null = it has not said yet. Before, it was new or had been emptied: of frames that were sent before it may have known more. What it loses
   * otherwise (evicted frames, an older copy after a failover) it cannot tell.
   */
  remembersSince(): number | null;
  /**
   * Begin work on frames, counting an attempt on each that has fewer than `countUpTo` (all where left out; 0: only ask);
   * creates what is unknown with this time to live, from now and never prolonged. One answer per id, in order.
   */
  begin(frameIds: readonly string[], ttlMs: number, countUpTo?: number): Promise<FrameProgress[]>;
  /**
   * Work on these frames was stopped and did no harm: where just one attempt more than `attempts` is counted, it is taken back; other
   * counts, and unknown ids, are left alone. So it may be said twice.
   */
  giveBack(frames: readonly { readonly frameId: string; readonly attempts: number }[]): Promise<void>;
  /**
   * Record before publish. Adds `cost` once per stage (idempotent by stage), or with `costSoFar` what the stages up to this one are short of
   * it, in whatever order they are told; raises the recorded stage, marks final; either makes the attempts count from nothing again.
   * Answers per entry whether it may be published: false when a higher stage was recorded, or a final one for good
   * (the same final record, of the same stage, exit and answer, may go out again).
   */
  record(entries: readonly RecordEntry[]): Promise<boolean[]>;
  /** The broker has acknowledged these. Frames of which nothing is recorded are ignored, and finals of which no end is. */
  acknowledge(acknowledged: readonly Acknowledged[]): Promise<void>;
  stop(): Promise<void>;
}

export interface DepthStore {
  start(): Promise<void>;
  /** This worker's load, with a time to live so that a dead worker's sample goes by itself. */
  report(sample: LoadSample, ttlMs: number): Promise<void>;
  /** Samples of all living workers. */
  samples(): Promise<LoadSample[]>;
  /** Deepest stage allowed in the fleet now; null = no limit set. */
  depthLimit(): Promise<number | null>;
  /** Set or clear the limit (an operator or the load controller). */
  setDepthLimit(limit: number | null): Promise<void>;
  stop(): Promise<void>;
}

/** Names the activations of one frame inside the stage thread. Valid until released or the engine's generation changes. */
export type ActivationHandle = number;

/** One frame of a stage batch: its pixels (stages that take the frame and hold nothing of it yet), its handle after stage 1. */
export interface StageInput {
  readonly handle: ActivationHandle | null;
  /** Needed when `handle` is null; ignored otherwise (the thread keeps the frame while a later stage takes it). */
  readonly pixels: Pixels | null;
}

export interface StageOutput {
  readonly handle: ActivationHandle;
  /** Softmax over the classes, of the exit after this stage. */
  readonly scores: Float32Array;
}

export interface EngineStatus {
  readonly backend: 'tensorflow' | 'wasm' | 'cpu';
  /** "tensorflow (native, CPU)", "wasm (SIMD)" … for people: logs, probes, documents. */
  readonly description: string;
  /** Raised at every restart of the thread: handles of an older generation are gone. */
  readonly generation: number;
  /** Time the thread was busy since it was ready, ms: computing, and taking in and handing out. */
  readonly busyMs: number;
  readonly heldActivations: number;
  readonly heldBytes: number;
  /** Alive in the engine's library. */
  readonly tensors: number;
}

export interface StageRunner {
  /** Load the bundle, build, warm up every (stage, batch size); resolves when ready, with measured run times for the latency model. */
  start(): Promise<readonly { stage: number; batch: number; ms: number }[]>;
  /**
   * Run stage `stage` on the frames: one output per frame, in order. Calls may be made while one is
   * under way: they run one after another. The input handle stays the frame's
   * handle. A run that takes longer than `limitMs` from when its turn came has hung: the thread is ended, as in a crash.
   * Errors: engine-crashed (retriable; every handle is gone, begin again at stage 1), engine-restarted (the same, but this run was
   * never begun), engine-failed; stopped (never begun either) and engine-hung (a thread that cannot be ended) are for good.
   */
  runStage(
    stage: number,
    frames: readonly StageInput[],
    limitMs?: number,
  ): Promise<{ outputs: readonly StageOutput[]; computeMs: number }>;
  release(handles: readonly ActivationHandle[]): void;
  status(): EngineStatus;
  /** Idempotent. Errors: engine-hung. */
  stop(): Promise<void>;
}

export interface Clock {
  /** Epoch ms. */
  now(): number;
  /** Call `then` once after `ms`; the function returned cancels it. */
  after(ms: number, then: () => void): () => void;
}

export interface EventSink {
  emit(event: PipelineEvent): void;
}

/** A record on its way to a topic. A null value is a tombstone, not an empty value. */
export interface OutgoingRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, Uint8Array>>;
  /** Epoch ms; now when left out. */
  readonly timestamp?: number;
}

/** The other side of FrameSource: what puts frames on their topic (`anytime send`, the demo). */
export interface FrameSender {
  start(): Promise<void>;
  /** Resolves when all of them are acknowledged. */
  send(frames: readonly OutgoingRecord[]): Promise<void>;
  stop(): Promise<void>;
}

/** A record read from a result topic: a result, or a dead letter where `result` is null. */
export interface ReceivedRecord extends TopicPartition, Required<OutgoingRecord> {
  readonly offset: bigint;
  readonly result: ResultValue | null;
}

/** The other side of ResultSink: what reads result topics (`anytime watch`, the demo). */
export interface ResultReader {
  /** Resolves when the positions are fixed: whatever is published after that is read. Handlers must not throw. */
  start(handlers: { records(records: readonly ReceivedRecord[]): void; failed(error: Error): void }): Promise<void>;
  stop(): Promise<void>;
}
