// The run of a suspect: first its attempt is counted, then it runs alone, before all that waits. Counted it is for no longer than that, so
// that no more is blamed on it than what happens while it runs.
import type { Frame } from '../core/frame.ts';
import type { PipelineContext } from './context.ts';

export interface Trial {
  /** Count the attempt of a suspect that was taken out of the ready queue; it is put back there, and `counted` follows. */
  begin(frame: Frame): void;
  /** Takes the suspect that may run now out of the ready queue; null where there is none, or it is no longer there. */
  take(): Frame | null;
  /** Nothing is run for a while: what is counted for its run is given back, and counted again when its turn comes. */
  putOff(): void;
  /** A suspect without an answer is being counted: nothing long may get in its way. */
  readonly isForFirstAnswer: boolean;
}

export function createTrial({ attempts, inHand, queue }: PipelineContext, counted: () => void): Trial {
  let present: Frame | null = null;
  let beingCounted: Frame | null = null;

  const isWanted = (frame: Frame) => inHand.has(frame) && !frame.isEnded;

  return {
    begin(frame) {
      beingCounted = frame;
      void attempts.count([frame]).then(() => {
        if (beingCounted === frame) beingCounted = null;
        if (!isWanted(frame)) return counted();
        queue.add(frame); // where it can still end, if its time is over before its turn
        present = frame;
        counted();
      });
    },
    take() {
      const frame = present;
      present = null;
      if (frame === null || !frame.isCounted) return null; // it was put aside meanwhile
      return queue.remove((other) => other === frame).length > 0 ? frame : null;
    },
    putOff() {
      if (present !== null) void attempts.giveBack([present]);
      present = null;
    },
    get isForFirstAnswer() {
      return beingCounted !== null && beingCounted.stage === 0 && isWanted(beingCounted);
    },
  };
}
