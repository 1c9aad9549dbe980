// From scores to answers, from answers to result records.
import type { CombinedAnswer } from './answer-rule.ts';
import type { Answer, Frame } from './frame.ts';
import type { ExitReason, ResultRecord, ResultValue } from './result.ts';

const TOP = 5;
/** A longer key is not taken over: the result is keyed by the frame id. */
export const MAX_KEY_BYTES = 4096;

/** The answer after `stage` in what its exits say together. */
export function answerOf(
  { scores, stage: answerStage }: CombinedAnswer,
  classes: readonly string[],
  stage: number,
): Answer {
  const order = Array.from(scores.keys())
    .sort((x, y) => (scores[y] ?? 0) - (scores[x] ?? 0))
    .slice(0, TOP);
  const top = order.map((i) => ({ label: classes[i] ?? String(i), confidence: clamp(scores[i] ?? 0) }));
  return { stage, answerStage, label: top[0]?.label ?? '', confidence: top[0]?.confidence ?? 0, top };
}

/** One outcome of a frame on its way out: an answer, a final answer, or an end without an answer. */
export interface Outcome {
  readonly frame: Frame;
  readonly answer: Answer | null;
  readonly isFirst: boolean;
  /** Null unless final. */
  readonly exit: ExitReason | null;
  /** Passes spent when it was made. */
  readonly spent: number;
  /** Passes of the stage run that brought it; 0 when it only repeats an answer. */
  readonly cost: number;
}

export interface ResultContext {
  readonly stages: number;
  /** name@version of the bundle. */
  readonly model: string;
  /** Epoch ms. */
  readonly now: number;
  readonly degraded: readonly string[];
}

export function makeResult(outcome: Outcome, context: ResultContext): ResultRecord {
  const { frame, answer, exit } = outcome;
  const { spec, record } = frame;
  const value: ResultValue = {
    id: spec.id,
    source: spec.source,
    stage: answer?.stage ?? 0,
    answerStage: answer?.answerStage ?? 0,
    stages: context.stages,
    label: answer?.label ?? null,
    confidence: answer?.confidence ?? null,
    top: answer === null ? [] : [...answer.top],
    final: exit !== null,
    exit,
    spent: outcome.spent,
    budget: spec.budget,
    deadline: spec.deadline,
    receivedAt: frame.receivedAt,
    publishedAt: context.now,
    model: context.model,
    epoch: record.epoch,
    degraded: [...context.degraded],
  };
  return {
    value,
    isFirst: outcome.isFirst,
    key: record.key !== null && record.key.length <= MAX_KEY_BYTES ? record.key : new TextEncoder().encode(spec.id),
    traceparent: spec.traceparent,
  };
}

function clamp(p: number): number {
  return Number.isFinite(p) ? Math.min(1, Math.max(0, p)) : 0;
}
