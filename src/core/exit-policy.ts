// Refine or exit: decided after each answer of a frame, the same in the worker and the evaluation.
import type { ExitReason } from './result.ts';
import type { StageTable } from './stage-table.ts';

/** Confidence that ends a frame: one for every exit, or one per exit, from exit 1. */
export type MinConfidence = number | readonly number[];

export interface ExitQuestion {
  /** Stage that just ran, from 1; 0 before the first. */
  readonly stage: number;
  /** Stage of the answer at hand: above `stage` when a crash or another worker's end sent the frame back. */
  readonly answered: number;
  readonly confidence: number;
  readonly minConfidence: MinConfidence;
  /** Passes spent so far, this stage included. */
  readonly spent: number;
  readonly budget: number;
  /** The frame's own deepest stage; null = all. */
  readonly maxStage: number | null;
  /** The fleet's deepest stage now; null = all. */
  readonly depthLimit: number | null;
  readonly deadline: number | null;
  /** Epoch ms. */
  readonly now: number;
  /** What the next answer of this frame needs, ms: the run as predicted with its margin, and publishing. */
  readonly nextMs: number;
}

/** Rounding of summed passes must not end a frame whose budget is exactly the cost of its next exit. */
const BUDGET_SLACK = 1e-9;

/** Why this frame ends with the answer it has; null = refine it. */
export function decideExit(question: ExitQuestion, table: StageTable): ExitReason | null {
  const { stage, now, deadline } = question;
  const reached = Math.max(stage, question.answered);
  if (reached >= table.stages) return 'full-depth';
  if (question.confidence >= minConfidenceAt(question.minConfidence, reached)) return 'confident';
  if (question.maxStage !== null && reached >= question.maxStage) return 'budget';
  // What a better answer costs from here: for a frame sent back, the way up to beyond the answer it has.
  const better = reached + 1;
  const cost = table.passesAt(better) - table.passesAt(stage);
  if (question.spent + cost > question.budget + BUDGET_SLACK) return 'budget';
  if (question.depthLimit !== null && reached >= question.depthLimit) return 'load';
  if (deadline !== null && now + question.nextMs > deadline) return 'deadline';
  return null;
}

/** What an answer of `exit`, from 1, must show; an exit that a list leaves out asks for certainty. */
function minConfidenceAt(minConfidence: MinConfidence, exit: number): number {
  return typeof minConfidence === 'number' ? minConfidence : (minConfidence[exit - 1] ?? 1);
}

/** For people: "0.9", or "0.95 | 0.8 | 0 by exit". */
export function minConfidenceText(minConfidence: MinConfidence): string {
  if (typeof minConfidence === 'number') return String(minConfidence);
  return `${minConfidence.map((threshold) => Math.round(threshold * 1e4) / 1e4).join(' | ')} by exit`;
}
