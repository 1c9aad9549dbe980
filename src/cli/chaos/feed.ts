// Sends the frames of a run as they fall due. A send that fails goes out again: those frames may then stand on their topic twice,
// which the account is told.
import { setTimeout as pause } from 'node:timers/promises';
import type { FrameSender, OutgoingRecord } from '../../ports.ts';
import type { Account } from './account.ts';

export interface FeedOptions {
  readonly frames: number;
  /** Frames due so many ms after the beginning. */
  readonly dueBy: (ms: number) => number;
  readonly startAt: number;
  readonly record: (n: number, at: number) => OutgoingRecord;
  readonly isPoisonous: (n: number) => boolean;
  readonly sender: FrameSender;
  readonly account: Account;
  readonly progress: (sent: number, of: number) => void;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

const MOST_AT_ONCE = 250;
const LOOK_EVERY_MS = 10;
const AGAIN_MS = 200;

/** Resolves when all are acknowledged, or on the signal. */
export async function feed(options: FeedOptions): Promise<void> {
  const { frames, dueBy, startAt, record, isPoisonous, sender, account, progress, now, signal } = options;
  for (let sent = 0; sent < frames && !signal.aborted; ) {
    const count = Math.min(dueBy(now() - startAt) - sent, MOST_AT_ONCE);
    if (count <= 0) {
      await pause(LOOK_EVERY_MS);
      continue;
    }
    const at = now();
    const numbers = Array.from({ length: count }, (_, i) => sent + i);
    const records = numbers.map((n) => record(n, at));
    try {
      await sender.send(records);
    } catch {
      for (const n of numbers) account.sentAgain(n);
      await pause(AGAIN_MS);
      continue; // the same frames, made anew
    }
    for (const n of numbers) account.sent(n, at, isPoisonous(n));
    sent += count;
    progress(sent, frames);
  }
}
