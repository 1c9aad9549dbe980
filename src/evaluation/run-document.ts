// The document of a run, as `demo`, `e2e` and `watch` print it: counts, accuracy, latencies, exits. Pure.
import { EXIT_REASONS, type ExitReason } from '../core/result.ts';
import { latencies, percentile } from './percentile.ts';
import type { ScoredFrame } from './run-score.ts';

export interface RunDocument {
  readonly frames: number;
  /** Frames with a first answer on the coarse topic. */
  readonly coarse: number;
  /** Answers deeper than a frame's first one. */
  readonly refined: number;
  /** Frames that have their final record. */
  readonly final: number;
  /** Frames that ended without an answer because their time was over. */
  readonly expired: number;
  readonly deadLettered: number;
  /** Records that came again. */
  readonly duplicates: number;
  /** Frames with neither a final record nor a dead letter. */
  readonly lost: number;
  readonly accuracy: {
    /** Over the labelled frames that got an answer: of their first answer, and of their deepest. */
    readonly first: number | null;
    readonly final: number | null;
    /** Over the labelled frames that have an answer of that stage. */
    readonly byStage: readonly { readonly stage: number; readonly frames: number; readonly accuracy: number | null }[];
    /** Labelled frames that got an answer, and that got none. */
    readonly answered: number;
    readonly unanswered: number;
  };
  /** From the time a frame was due to its first answer's arrival, ms. */
  readonly firstResultMs: { readonly p50: number | null; readonly p99: number | null };
  /** Medians of the parts of that way, ms: until a worker has the frame, in the worker, from there to who reads the answer. */
  readonly firstResultParts: {
    readonly toWorkerMs: number | null;
    readonly inWorkerMs: number | null;
    readonly toReaderMs: number | null;
  };
  /** The same to the final record, of frames that have an answer, ms. */
  readonly finalMs: { readonly p50: number | null; readonly p99: number | null };
  readonly exits: Readonly<Record<ExitReason, number>>;
  /** Frames that ended with an answer, by the stage of that answer: index 0 is stage 1. */
  readonly endedAtStage: readonly number[];
  /** Mean stage of the deepest answer, over frames that have one. */
  readonly meanDepth: number | null;
  /** Mean compute spent, over frames that have a final record and an answer. */
  readonly meanPasses: number | null;
  /** Final records a second, from the first frame's due time to the last final record. */
  readonly framesPerSecond: number | null;
  /** Frames with a deadline whose first answer came after it, or never. */
  readonly deadlineMissed: number;
  /** Records of frames that nobody sent here. */
  readonly unknown: number;
  readonly engine: string | null;
  readonly model: string | null;
}

export interface RunContext {
  readonly duplicates: number;
  readonly unknown: number;
  readonly stages: number;
  readonly engine: string | null;
  readonly model: string | null;
}

export function runDocument(frames: readonly ScoredFrame[], context: RunContext): RunDocument {
  const answered = frames.filter(({ answers }) => answers.size > 0);
  const ended = frames.flatMap((frame) => (frame.final === null ? [] : [{ ...frame, final: frame.final }]));
  const endedWithAnswer = ended.filter(({ final }) => final.stage > 0);
  const exits = Object.fromEntries(
    EXIT_REASONS.map((reason) => [reason, ended.filter(({ final }) => final.exit === reason).length]),
  ) as Record<ExitReason, number>;
  return {
    frames: frames.length,
    coarse: frames.filter(({ hasCoarse }) => hasCoarse).length,
    refined: answered.reduce((sum, { answers }) => sum + answers.size - 1, 0),
    final: ended.length,
    expired: exits.expired,
    deadLettered: frames.filter(({ isDeadLettered }) => isDeadLettered).length,
    duplicates: context.duplicates,
    lost: frames.filter(({ final, isDeadLettered }) => final === null && !isDeadLettered).length,
    accuracy: accuracyOf(frames, context.stages),
    firstResultMs: latencies(answered.map(({ dueAt, firstAt }) => (firstAt ?? dueAt) - dueAt)),
    firstResultParts: partsOf(answered),
    finalMs: latencies(endedWithAnswer.map(({ dueAt, final }) => final.receivedAt - dueAt)),
    exits,
    endedAtStage: Array.from(
      { length: context.stages },
      (_, i) => endedWithAnswer.filter(({ final }) => final.stage === i + 1).length,
    ),
    meanDepth: mean(answered.map(deepest)),
    meanPasses: mean(endedWithAnswer.map(({ final }) => final.spent)),
    framesPerSecond: rateOf(ended),
    deadlineMissed: frames.filter(({ deadline, firstAt }) => deadline !== null && (firstAt ?? Infinity) > deadline)
      .length,
    unknown: context.unknown,
    engine: context.engine,
    model: context.model,
  };
}

function accuracyOf(frames: readonly ScoredFrame[], stages: number): RunDocument['accuracy'] {
  const labelled = frames.filter(({ label }) => label !== null);
  const answered = labelled.filter(({ answers }) => answers.size > 0);
  const isRight = (frame: ScoredFrame, stage: number) => frame.answers.get(stage)?.label === frame.label;
  const share = (of: readonly ScoredFrame[], stageOf: (frame: ScoredFrame) => number) =>
    mean(of.map((frame) => (isRight(frame, stageOf(frame)) ? 1 : 0)));
  return {
    first: share(answered, (frame) => Math.min(...frame.answers.keys())),
    final: share(answered, deepest),
    byStage: Array.from({ length: stages }, (_, i) => {
      const there = answered.filter(({ answers }) => answers.has(i + 1));
      return { stage: i + 1, frames: there.length, accuracy: share(there, () => i + 1) };
    }),
    answered: answered.length,
    unanswered: labelled.length - answered.length,
  };
}

function partsOf(answered: readonly ScoredFrame[]): RunDocument['firstResultParts'] {
  const median = (of: (frame: ScoredFrame, at: NonNullable<ScoredFrame['firstInWorker']>) => number) =>
    percentile(
      answered.flatMap((frame) => (frame.firstInWorker === null ? [] : [of(frame, frame.firstInWorker)])),
      50,
    );
  return {
    toWorkerMs: median(({ dueAt }, { receivedAt }) => receivedAt - dueAt),
    inWorkerMs: median((_, { receivedAt, publishedAt }) => publishedAt - receivedAt),
    toReaderMs: median(({ firstAt }, { publishedAt }) => (firstAt ?? publishedAt) - publishedAt),
  };
}

/** The deepest stage that a frame has an answer of; 0 = none. */
export function deepest({ answers }: Pick<ScoredFrame, 'answers'>): number {
  return Math.max(0, ...answers.keys());
}

function rateOf(ended: readonly { dueAt: number; final: { receivedAt: number } }[]): number | null {
  const first = ended.reduce((least, { dueAt }) => Math.min(least, dueAt), Infinity);
  const last = ended.reduce((most, { final }) => Math.max(most, final.receivedAt), -Infinity);
  return last > first ? rounded((ended.length * 1000) / (last - first)) : null;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : rounded(values.reduce((sum, value) => sum + value, 0) / values.length);
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
