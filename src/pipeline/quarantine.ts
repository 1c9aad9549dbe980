// Frames that an earlier attempt took in hand and that came to nothing there: its worker may have died of one of them. They are
// worked on one at a time beside all other work, and each is counted only when its turn comes, so that a good frame that was merely
// there when a worker died is not blamed with the bad one.
//
//   waiting ─▶ its turn: decoded, run alone ─▶ through: a frame like any other
//      ▲ └─────────│─▶ ended or let go meanwhile
//      └─ gives way┘
//
// Through is who gets further than the attempts before: to stage 1, or beyond the stage recorded of it. Frames without any answer
// go first, and do not wait for the refinement of one that has some. Among them those go first that came to nothing less often: a deadly
// frame comes after all that it could take with it, and a good one whose worker was killed by somebody else is not at the head of the
// line when that happens again. An attempt on the frame whose turn it is counts only while its bytes are in a decoder or its run in the
// engine, and not while it waits between them: a worker may be killed by somebody else at any time, and then no more is to be
// blamed on a frame than the few milliseconds in which it could have been its doing.
import type { Frame } from '../core/frame.ts';

export interface Quarantine {
  /** It waits for its turn; `wake` follows once all that came with it are added. */
  add(frame: Frame): void;
  /** Look again: the frame whose turn it is may be through, may have ended, or is no longer in hand. */
  wake(): void;
}

export interface QuarantineExits {
  /** Begin work on this one frame, or go on with it. */
  admit(frame: Frame): void;
  /** Take it out of the ready queue until it is admitted again; false where it does not wait there. */
  hold(frame: Frame): boolean;
}

interface Suspect {
  readonly frame: Frame;
  /** Of its earlier attempts; 0 = no answer. */
  readonly recordedStage: number;
}

export function createQuarantine(inHand: ReadonlySet<Frame>, exits: QuarantineExits): Quarantine {
  let waiting: Suspect[] = [];
  let present: Suspect | null = null;
  let isAwake = false;

  const isGone = ({ frame }: Suspect) => !inHand.has(frame) || frame.isEnded;

  /** Whoever is admitted may end at once, which wakes again: then the loop under way goes on, however many do. */
  function wake(): void {
    if (isAwake) return;
    isAwake = true;
    try {
      while (isFree()) {
        present = next();
        if (present === null) return;
        exits.admit(present.frame);
      }
    } finally {
      isAwake = false;
    }
  }

  /** Nobody has the turn, or no longer: another suspect may. */
  function isFree(): boolean {
    if (present === null || isGone(present)) return true;
    if (isThrough(present)) {
      present.frame.isSuspect = false;
      return true;
    }
    if (!isInTheWay(present) || !exits.hold(present.frame)) return false;
    waiting.push(present);
    return true;
  }

  const isThrough = ({ frame, recordedStage }: Suspect) => frame.stage > recordedStage;
  const isInTheWay = ({ frame, recordedStage }: Suspect) =>
    frame.stage > 0 && recordedStage > 0 && waiting.some((other) => other.recordedStage === 0 && !isGone(other));

  function next(): Suspect | null {
    waiting = waiting.filter((suspect) => !isGone(suspect));
    const first = waiting.reduce<Suspect | null>((a, b) => (a === null || isBefore(b, a) ? b : a), null);
    waiting = waiting.filter((suspect) => suspect !== first);
    return first;
  }

  return {
    add(frame) {
      frame.isSuspect = true;
      waiting.push({ frame, recordedStage: frame.answer?.stage ?? 0 });
    },
    wake,
  };
}

function isBefore(a: Suspect, b: Suspect): boolean {
  const isFresh = ({ recordedStage }: Suspect) => recordedStage === 0;
  if (isFresh(a) !== isFresh(b)) return isFresh(a);
  if (a.frame.vainAttempts !== b.frame.vainAttempts) return a.frame.vainAttempts < b.frame.vainAttempts;
  const [first, second] = [a, b].map(({ frame }) => frame.spec.deadline ?? Number.POSITIVE_INFINITY);
  return (first as number) < (second as number);
}
