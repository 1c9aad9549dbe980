// Attempts: how often work on a frame was begun and came to nothing. The budget store keeps the count, because a worker that dies of a frame
// can tell nobody. An attempt is counted when work begins and taken back when the work did no harm; what remains counted came to nothing.
import type { Frame } from '../core/frame.ts';
import type { BudgetStore, FrameProgress } from '../ports.ts';
import type { Advisory } from './advisory.ts';

export interface Attempts {
  /**
   * Ask what is known of the frames, and count an attempt on each that has fewer than `countUpTo` (all where left out), in one round trip.
   * In order; undefined where the store does not answer.
   */
  begin(frames: readonly Frame[], countUpTo?: number): Promise<readonly (FrameProgress | undefined)[]>;
  /** Work on these did no harm: what is counted of this attempt is not to count. Resolves when the store knows, or does not answer. */
  giveBack(frames: readonly Frame[]): Promise<void>;
}

export function createAttempts(budgets: BudgetStore, advice: Advisory, frameTtlMs: number): Attempts {
  return {
    async begin(frames, countUpTo) {
      const ids = frames.map(({ spec }) => spec.id);
      for (const frame of frames) frame.isCounted = true; // else one that is let go meanwhile would stay counted
      const known = await advice.ask<FrameProgress[] | null>(() => budgets.begin(ids, frameTtlMs, countUpTo), null);
      return frames.map((frame, i) => {
        const progress = known?.[i];
        frame.isCounted &&= progress !== undefined && progress.attempts <= (countUpTo ?? progress.attempts);
        return progress;
      });
    },
    async giveBack(frames) {
      const counted = frames.filter(({ isCounted }) => isCounted);
      if (counted.length === 0) return;
      for (const frame of counted) frame.isCounted = false;
      const ids = counted.map(({ spec }) => spec.id);
      await advice.ask(() => budgets.giveBack(ids), undefined);
    },
  };
}
