// The run of a suspect: first its attempt is counted, then it runs alone, before all that waits. Counted it is for no longer than that, so
// that no more is blamed on it than what happens while it runs.
import type { Frame } from '../core/frame.ts';
import type { PipelineContext } from './context.ts';

export interface Trial {
  /** Count the attempt of a suspect that was taken out of the ready queue; `counted` follows. */
  begin(frame: Frame): void;
  /** The suspect that may run now, once; null where there is none. */
  take(): Frame | null;
  /** The suspect that is taken out of the queue and does not run yet. */
  readonly frame: Frame | null;
}

export function createTrial({ attempts, inHand, settings }: PipelineContext, counted: () => void): Trial {
  let present: { readonly frame: Frame; isCounted: boolean } | null = null;

  const isWanted = (frame: Frame) => inHand.has(frame) && !frame.isEnded;

  return {
    begin(frame) {
      const begun = { frame, isCounted: false };
      present = begun;
      void attempts.begin([frame], settings.maxAttempts).then(() => {
        begun.isCounted = true;
        counted();
      });
    },
    take() {
      if (present === null || !present.isCounted) return null;
      const { frame } = present;
      present = null;
      return isWanted(frame) ? frame : null;
    },
    get frame() {
      return present?.frame ?? null;
    },
  };
}
