// Attempts: how often work on a frame was begun and came to nothing. The budget store keeps the count, because a worker that dies of a frame
// can tell nobody. An attempt is counted before the work and taken back when the work did no harm; what stays counted came to nothing.
// Both say from where to where the count goes, so that a call whose reply was lost can be made again, and leaves no frame blamed.
import type { Frame } from '../core/frame.ts';
import type { BudgetStore, FrameProgress } from '../ports.ts';
import type { Advisory } from './advisory.ts';

/**
 * Attempts that are counted on frames taken in together. It blames nobody: hundreds are in hand when a worker dies. From the second on a
 * frame is a suspect, and counted alone.
 */
export const COUNTED_TOGETHER = 1;

export interface Attempts {
  /** Ask what is known of frames taken in together, and count the attempt on those that are no suspects. Undefined: no reply. */
  begin(frames: readonly Frame[]): Promise<readonly (FrameProgress | undefined)[]>;
  /** Count an attempt on each, whatever came before. Resolves when the store knows, or does not answer. */
  count(frames: readonly Frame[]): Promise<void>;
  /** Work on these did no harm: what is counted of this attempt is not to count. Resolves as `count`. */
  giveBack(frames: readonly Frame[]): Promise<void>;
  /** Work on the frame came to nothing: what is counted of this attempt stays. */
  keep(frame: Frame): void;
}

export function createAttempts(budgets: BudgetStore, advice: Advisory, frameTtlMs: number): Attempts {
  const ask = (frames: readonly Frame[], countUpTo?: number) =>
    advice.ask<FrameProgress[] | null>(
      () =>
        budgets.begin(
          frames.map(({ spec }) => spec.storeKey),
          frameTtlMs,
          countUpTo,
        ),
      null,
    );

  async function countOne(frame: Frame): Promise<void> {
    const { countedBefore } = frame;
    frame.isCounted = true; // else one that is let go meanwhile would stay counted; and it may be, whatever becomes of the reply
    const known = await ask([frame], countedBefore === null ? undefined : countedBefore + 1);
    noteKnown(frame, known?.[0]);
  }

  return {
    async begin(frames) {
      for (const frame of frames) frame.isCounted = true;
      const known = await ask(frames, COUNTED_TOGETHER);
      return frames.map((frame, i) => {
        noteKnown(frame, known?.[i]);
        frame.isCounted &&= frame.countedBefore !== null && frame.countedBefore < COUNTED_TOGETHER;
        return known?.[i];
      });
    },
    async count(frames) {
      await Promise.all(frames.map(countOne));
    },
    async giveBack(frames) {
      const counted = frames.flatMap((frame) => {
        const { isCounted, countedBefore, spec } = frame;
        frame.isCounted = false;
        return isCounted && countedBefore !== null ? [{ frameId: spec.storeKey, attempts: countedBefore }] : [];
      });
      if (counted.length > 0) await advice.ask(() => budgets.giveBack(counted), undefined);
    },
    keep(frame) {
      if (frame.isCounted && frame.countedBefore !== null) frame.countedBefore += 1;
      frame.isCounted = false;
    },
  };
}

/** The first reply tells what was counted before this worker had the frame: `attempts` has this attempt on top. */
function noteKnown(frame: Frame, known: FrameProgress | undefined): void {
  if (known !== undefined) frame.countedBefore ??= known.attempts - 1;
}
