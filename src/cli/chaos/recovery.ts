// How long answers were away after each fault: until the frames sent right after it all had their first answer. Pure.
import { percentile } from '../../evaluation/percentile.ts';
import type { Account } from './account.ts';

/** Frames sent within so long after a fault tell how it was felt, ms. */
const FELT_WITHIN_MS = 250;

/**
 * One figure per fault that has good frames sent right after it, ms from the fault; frames that never got an answer are left to
 * the account. `faultsAt`: epoch ms; `frames`: how many numbers there are, in the order they were sent.
 */
export function recoveries(account: Account, faultsAt: readonly number[], frames: number): number[] {
  return faultsAt.flatMap((at) => {
    let latest: number | null = null;
    for (let n = firstSentFrom(account, at, frames); n < frames; n++) {
      const sentAt = account.sentAt(n);
      if (sentAt === null) continue;
      if (sentAt > at + FELT_WITHIN_MS) break;
      const answeredAt = account.isPoisonous(n) ? null : account.firstAnswerAt(n);
      if (answeredAt !== null) latest = Math.max(latest ?? 0, answeredAt - at);
    }
    return latest === null ? [] : [latest];
  });
}

export function recoveryPercentiles(ms: readonly number[]) {
  return { p50: percentile(ms, 50), p99: percentile(ms, 99) };
}

/** By bisection: frames are sent in order. Numbers not sent yet count as later. */
function firstSentFrom(account: Account, at: number, frames: number): number {
  let [low, high] = [0, frames];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((account.sentAt(middle) ?? Number.POSITIVE_INFINITY) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
