// Puts frames on their topic at a rate that does not drift: each is due at a time of its own, late ones go at once. One request is
// under way at a time and takes what fell due meanwhile, up to a number and to so many bytes: what waits for an acknowledgement is bounded.
import { setTimeout as pause } from 'node:timers/promises';
import type { FrameSender, OutgoingRecord } from '../ports.ts';
import type { Arrivals } from './arrivals.ts';

export interface PacedOptions<F> {
  readonly sender: FrameSender;
  /** Null: as fast as they are acknowledged. */
  readonly arrivals: Arrivals | null;
  /** Frames a second; not asked without arrivals. */
  readonly rate: number;
  /** Epoch ms. */
  readonly now: () => number;
  /** `dueAt`: epoch ms; without arrivals the time it goes out. */
  readonly toRecord: (frame: F, dueAt: number) => OutgoingRecord;
  /** Told after the acknowledgement, with how many went out in all. */
  readonly sent: (total: number) => void;
  readonly signal: AbortSignal;
}

const MOST_AT_ONCE = 500;
/** About what one request to Kafka takes; a frame beyond it goes alone. */
const BYTES_AT_ONCE = 800_000;

/** Sends all frames, or what it could until the signal; resolves with how many are acknowledged. Errors: those of the sender. */
export async function sendPaced<F extends { readonly bytes: Uint8Array }>(
  frames: AsyncIterable<F>,
  options: PacedOptions<F>,
): Promise<number> {
  const { sender, arrivals, rate, now, toRecord, sent, signal } = options;
  let total = 0;
  let bytes = 0;
  let batch: { readonly frame: F; readonly dueAt: number | null }[] = [];
  const flush = async () => {
    if (batch.length === 0) return;
    const goesOutAt = now();
    const sending = batch.map(({ frame, dueAt }) => toRecord(frame, dueAt ?? goesOutAt));
    [batch, bytes] = [[], 0];
    await sender.send(sending);
    total += sending.length;
    sent(total);
  };
  for await (const frame of frames) {
    if (signal.aborted) break;
    if (arrivals !== null && arrivals.next(rate) > now()) {
      await flush();
      const waitMs = arrivals.next(rate) - now();
      if (waitMs > 0) await pause(waitMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) break;
    }
    batch.push({ frame, dueAt: arrivals === null ? null : arrivals.take(rate) });
    bytes += frame.bytes.length;
    if (batch.length >= MOST_AT_ONCE || bytes >= BYTES_AT_ONCE) await flush();
  }
  await flush();
  return total;
}
