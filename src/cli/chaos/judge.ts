// What is wrong with the answers of one frame, given all of them and when Redis forgot what it knew. Pure.
//
// Of two answers it looks at which came later, by their stamps or by their places on the topics: the stamps alone do not show a worker
// that was frozen, or whose send was held up, between the two. What came later may not be of a lower stage, nor follow a final answer,
// but as that same final answer once more: the promise holds while Redis answers. So it is excused only where one of the two says itself
// that its worker went without Redis, or where what Redis knew was taken from it between them, which one of them has to say too; but for
// frames that were sent twice, whose second record may be younger than that.
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
  /** It says that Redis may have forgotten what it knew of the frame. */
  readonly isForgotten: boolean;
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

/** An answer may be stamped so long after Redis was asked about it (publisher.ts asks again after more), ms. */
const RECORDED_BEFORE_MS = 1000;

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

/** `answers`: in the order they were read, which within a topic is that of their places. `wiped`: when Redis lost what it knew. */
export function judge(answers: readonly Answer[], wiped: readonly Span[], wasSentTwice = false): Verdicts {
  const found: Record<keyof Verdicts, Verdict> = { steppedBack: 'kept', wentOn: 'kept', endedTwice: 'kept' };
  const note = (what: keyof Verdicts, two: readonly Answer[], { from, to }: Span) => {
    const asked = { from: from - RECORDED_BEFORE_MS, to };
    const isSaid = wasSentTwice || two.some(({ isForgotten }) => isForgotten);
    const isExcused =
      two.some(({ isRecorded }) => !isRecorded) || (isSaid && wiped.some((span) => overlap(span, asked)));
    if (!isExcused) found[what] = 'broken';
    else if (found[what] === 'kept') found[what] = 'excused';
  };
  for (const [i, earlier] of answers.entries())
    for (const [k, later] of answers.entries()) {
      const two = [earlier, later];
      // Two unlike ends are two in whichever order they came.
      if (i < k && areUnlikeEnds(earlier, later)) note('endedTwice', two, spanOf(two));
      const between = i === k ? null : afterIt(answers, i, k);
      if (between === null) continue;
      if (later.stage < earlier.stage) note('steppedBack', two, between);
      if (earlier.final && !later.final) note('wentOn', two, between);
    }
  return found;
}

const areUnlikeEnds = (a: Answer, b: Answer) =>
  a.final && b.final && !(a.stage === b.stage && a.exit === b.exit && a.label === b.label);

function spanOf(answers: readonly Answer[]): Span {
  const times = answers.flatMap(({ publishedAt, appendedAt }) => [publishedAt, appendedAt]);
  return { from: Math.min(...times), to: Math.max(...times) };
}

/**
 * The time between the two if k came after i, else null. By stamps from one to the other. An answer stamped no later than the one it
 * stands behind (on its topic, or on another by the broker's clock): from its own stamp, before which Redis was asked about it, to its
 * place, before which whoever overtook it had asked. A copy of an answer that stood there before is none of these: a send that was given up
 * as failed may still come to its topic after the one that replaced it and the answers behind that, with the older stamp. It is counted as
 * a duplicate.
 */
function afterIt(answers: readonly Answer[], i: number, k: number): Span | null {
  const [earlier, later] = [answers[i], answers[k]];
  if (earlier === undefined || later === undefined) return null;
  if (later.publishedAt > earlier.publishedAt) return { from: earlier.publishedAt, to: later.publishedAt };
  const standsBehind = earlier.topic === later.topic ? i < k : earlier.appendedAt < later.appendedAt;
  if (!standsBehind || isCopy(answers, k)) return null;
  return { from: later.publishedAt, to: Math.max(later.publishedAt, later.appendedAt) };
}

function isCopy(answers: readonly Answer[], k: number): boolean {
  const { topic, stage, final } = answers[k] ?? {};
  return answers.slice(0, k).some((one) => one.topic === topic && one.stage === stage && one.final === final);
}

const overlap = (a: Span, b: Span) => a.from <= b.to && a.to >= b.from;
