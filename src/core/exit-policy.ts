// Refine or exit: decided after each answer of a frame, the same in the worker, the evaluation and the simulator.
import type { ExitReason } from './result.ts';
import type { StageTable } from './stage-table.ts';

export interface ExitQuestion {
  /** Stage whose answer just came, from 1. */
  readonly stage: number;
  readonly confidence: number;
  readonly minConfidence: number;
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
  /** Expected time of the next stage for this frame, ms. */
  readonly nextMs: number;
}

/** Rounding of summed passes must not end a frame whose budget is exactly the cost of its next exit. */
const BUDGET_SLACK = 1e-9;

/** Why this frame ends with the answer it has; null = refine it. */
export function decideExit(question: ExitQuestion, table: StageTable): ExitReason | null {
  const { stage, now, deadline } = question;
  if (stage >= table.stages) return 'full-depth';
  if (question.confidence >= question.minConfidence) return 'confident';
  if (question.maxStage !== null && stage >= question.maxStage) return 'budget';
  if (question.spent + table.cost(stage + 1) > question.budget + BUDGET_SLACK) return 'budget';
  if (question.depthLimit !== null && stage >= question.depthLimit) return 'load';
  if (deadline !== null && now + question.nextMs > deadline) return 'deadline';
  return null;
}
