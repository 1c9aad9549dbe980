// What is wrong with the answers of one frame, given all of them and when Redis was taken away. Pure.
//
// Of two answers it looks at which came later, by their stamps or by their places on the topics: the stamps alone do not show a worker
// that was frozen, or whose send was held up, between the two. What came later may not be of a lower stage, nor follow a final answer,
// but as that same final answer once more: the promise holds while Redis answers. So it is excused only where one of the two says itself
// that its worker went without Redis, or where Redis was taken away between them.
import type { ExitReason } from '../../core/result.ts';

/** A result record as the book takes it. */
export interface Answer {
  readonly stage: number;
  readonly final: boolean;
  /** Null unless final. */
  readonly exit: ExitReason | null;
  readonly label: string | null;
  /** Its worker had an answer of Redis about it. */
  readonly isRecorded: boolean;
  /** Epoch ms, by its worker. */
  readonly publishedAt: number;
  /** Epoch ms, by the broker: when it was put on its topic. */
  readonly appendedAt: number;
  readonly topic: 'coarse' | 'refined';
}

/** A stretch of time, epoch ms, ends included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Broken while Redis answered; broken, but excused; kept. */
export type Verdict = 'broken' | 'excused' | 'kept';

export interface Verdicts {
  /** An answer of a lower stage came after one of a higher. */
  readonly steppedBack: Verdict;
  /** An answer came after a final one. */
  readonly wentOn: Verdict;
  /** Two final answers do not say the same. */
  readonly endedTwice: Verdict;
}

/** `answers`: in the order they were read, which within a topic is that of their places. `away`: when Redis was taken away. */
export function judge(answers: readonly Answer[], away: readonly Span[]): Verdicts {
  const found: Record<keyof Verdicts, Verdict> = { steppedBack: 'kept', wentOn: 'kept', endedTwice: 'kept' };
  const note = (what: keyof Verdicts, isExcused: boolean) => {
    if (!isExcused) found[what] = 'broken';
    else if (found[what] === 'kept') found[what] = 'excused';
  };
  for (const [i, earlier] of answers.entries())
    for (const [k, later] of answers.entries()) {
      const faults = i === k ? [] : faultsOf(earlier, later);
      const between = faults.length === 0 ? null : afterIt(answers, i, k);
      if (between === null) continue;
      const isExcused = !earlier.isRecorded || !later.isRecorded || away.some((span) => overlap(span, between));
      for (const fault of faults) note(fault, isExcused);
    }
  return found;
}

/** What would be wrong if the one came before the other. */
function faultsOf(earlier: Answer, later: Answer): (keyof Verdicts)[] {
  const faults: (keyof Verdicts)[] = later.stage < earlier.stage ? ['steppedBack'] : [];
  if (!earlier.final) return faults;
  if (!later.final) return [...faults, 'wentOn'];
  return isSameEnd(earlier, later) ? faults : [...faults, 'endedTwice'];
}

const isSameEnd = (a: Answer, b: Answer) => a.stage === b.stage && a.exit === b.exit && a.label === b.label;

/**
 * The time between the two if k came after i, else null. By stamps from one to the other. An answer stamped no later than the one it
 * stands behind: from its own stamp, before which Redis was asked about it, to its place, before which whoever overtook it had asked.
 * A copy of an answer that stood there before is none of these: a send that was given up as failed may still come to its topic after
 * the one that replaced it and the answers behind that, with the older stamp. It is counted as a duplicate.
 */
function afterIt(answers: readonly Answer[], i: number, k: number): Span | null {
  const [earlier, later] = [answers[i], answers[k]];
  if (earlier === undefined || later === undefined) return null;
  if (later.publishedAt > earlier.publishedAt) return { from: earlier.publishedAt, to: later.publishedAt };
  if (k < i || earlier.topic !== later.topic || isCopy(answers, k)) return null;
  return { from: later.publishedAt, to: Math.max(later.publishedAt, later.appendedAt) };
}

function isCopy(answers: readonly Answer[], k: number): boolean {
  const { topic, stage, final } = answers[k] ?? {};
  return answers.slice(0, k).some((one) => one.topic === topic && one.stage === stage && one.final === final);
}

const overlap = (a: Span, b: Span) => a.from <= b.to && a.to >= b.from;
