// Which frames without an answer run next, together: of the batch sizes worth trying, the one with which most of those that wait
// are answered in time, and among equals the one whose answers come soonest on average. Found by playing each size through.
//
// Why: the earliest deadline alone misleads under overload. A frame that is nearly due would force small batches, each paying the
// fixed part of a run anew, just when throughput is short, and so make the next ones late too.
import type { Frame } from './frame.ts';
import type { LatencyModel } from './latency-model.ts';

/** Frames looked at: enough to tell sizes apart, few enough to look at before every run. */
const LOOKED_AT = 256;

export interface MandatoryQuestion {
  /** Frames waiting for stage 1, most urgent first. */
  readonly waiting: readonly Frame[];
  /** Epoch ms. */
  readonly now: number;
  readonly latency: LatencyModel;
  /** Batch sizes from `hold` on, up to `largest`, are tried. */
  readonly hold: number;
  readonly largest: number;
  /** What an answer takes beyond its run: margin of the prediction and publishing, ms. */
  readonly marginMs: number;
  /** What one frame's answer takes, run and all, as far as that is believed (latency-model.ts), ms. */
  readonly neededMs: number;
}

/**
 * The frames of the next stage-1 batch; none when none of them can be answered in time. One alone where none could be by what is predicted, but
 * that is doubted.
 */
export function mandatoryBatch(question: MandatoryQuestion): Frame[] {
  let best: Play = { first: [], onTime: -1, finishMs: 0 };
  for (const waiting of ordersToTry(question.waiting)) {
    for (const size of sizesToTry(question, waiting)) {
      const play = playThrough(question, waiting, size);
      const isSooner = play.onTime === best.onTime && play.finishMs < best.finishMs;
      if (play.onTime > best.onTime || isSooner) best = play;
    }
  }
  if (best.first.length > 0) return best.first;
  const { now, neededMs, waiting } = question;
  const doubted = waiting.find(({ spec }) => spec.deadline !== null && now + neededMs <= spec.deadline);
  return doubted === undefined ? [] : [doubted];
}

/**
 * As they are due; and where frames without a deadline, which can wait, are due before others, those with a deadline first: a backlog of the
 * patient would make them late otherwise.
 */
function ordersToTry(waiting: readonly Frame[]): (readonly Frame[])[] {
  const hasDeadline = ({ spec }: Frame) => spec.deadline !== null;
  const head = waiting.slice(0, LOOKED_AT);
  if (head.every(hasDeadline)) return [head];
  const behind: Frame[] = [];
  for (let i = LOOKED_AT; i < waiting.length && behind.length < LOOKED_AT; i++) {
    const frame = waiting[i] as Frame;
    if (hasDeadline(frame)) behind.push(frame);
  }
  const asDue = [...head, ...behind];
  const urgent = asDue.filter(hasDeadline);
  if (urgent.length === 0) return [asDue];
  return [asDue, [...urgent, ...asDue.filter((frame) => !hasDeadline(frame))]];
}

/** From `hold` on doubled, what the most urgent frame can bear, and the largest. */
function sizesToTry({ hold, largest, latency, marginMs, now }: MandatoryQuestion, waiting: readonly Frame[]): number[] {
  const most = waiting.length;
  const sizes: number[] = [];
  for (let size = hold; size < Math.min(largest, most); size *= 2) sizes.push(size);
  const untilDue = (waiting[0]?.spec.deadline ?? Number.POSITIVE_INFINITY) - now - marginMs;
  return [...sizes, latency.largestBatch(1, untilDue, Math.min(largest, most)), Math.min(largest, most)];
}

interface Play {
  readonly first: Frame[];
  readonly onTime: number;
  /** Sum over the frames on time of when their answer is out, ms from now. */
  readonly finishMs: number;
}

/** Batches of `size` one after another, most urgent first, leaving out what would be late. */
function playThrough({ now, latency, marginMs }: MandatoryQuestion, waiting: readonly Frame[], size: number): Play {
  let [at, next, onTime, finishMs] = [0, 0, 0, 0];
  let first: Frame[] | null = null;
  while (next < waiting.length) {
    const end = at + latency.predict(1, Math.min(size, waiting.length - next));
    const batch: Frame[] = [];
    for (; next < waiting.length && batch.length < size; next++) {
      const frame = waiting[next] as Frame;
      if (frame.spec.deadline === null || now + end + marginMs <= frame.spec.deadline) batch.push(frame);
    }
    first ??= batch;
    if (batch.length === 0) break;
    onTime += batch.length;
    finishMs += batch.length * end;
    at = end;
  }
  return { first: first ?? [], onTime, finishMs };
}
