// What the budget store knows of frames, counting no attempt.
import type { Frame } from '../core/frame.ts';
import type { FrameProgress } from '../ports.ts';
import type { PipelineContext } from './context.ts';

/** In the frames' order; null = the store does not answer. */
export async function lookUp(
  { budgetAdvice, budgets, settings }: PipelineContext,
  of: readonly { readonly frame: Frame }[],
): Promise<FrameProgress[] | null> {
  if (of.length === 0) return [];
  const keys = of.map(({ frame }) => frame.spec.storeKey);
  return await budgetAdvice.ask<FrameProgress[] | null>(() => budgets.begin(keys, settings.frameTtlMs, 0), null);
}
