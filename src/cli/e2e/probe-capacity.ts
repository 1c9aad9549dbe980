// Finds how many frames a second these workers can take through every stage: always so many are in their hands that the engines
// never wait, none has a deadline, and after a run-up what is finished is counted.
import { setTimeout as pause } from 'node:timers/promises';
import type { ResultValue } from '../../core/result.ts';
import type { FrameSender } from '../../ports.ts';
import type { FramePool } from '../frame-pool.ts';
import { ASK_NOTHING, frameRecordOf } from '../frame-record-of.ts';

export interface CapacityProbe {
  /** A result record of any frame came. */
  received(value: ResultValue): void;
  /** Runs the probe and waits for its last frame; full-depth frames a second, all workers together. */
  run(): Promise<number>;
}

export interface ProbeOptions {
  readonly pool: FramePool;
  readonly sender: FrameSender;
  readonly workers: number;
  /** Epoch ms. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

const RUN_UP_MS = 4000;
const MEASURE_MS = 10_000;
/** Several batches of every stage: more would only wait. */
const IN_HAND_PER_WORKER = 192;
const LOOK_EVERY_MS = 10;
const ID_PREFIX = 'probe/';
/** The confidence that only full depth ends. */
const ASKS = { ...ASK_NOTHING, minConfidence: 1 };

export function createCapacityProbe({ pool, sender, workers, now, signal }: ProbeOptions): CapacityProbe {
  const inHand = new Set<string>();
  let passes = 0;
  let sent = 0;

  async function fill(): Promise<void> {
    const room = workers * IN_HAND_PER_WORKER - inHand.size;
    if (room <= 0) return;
    const records = Array.from({ length: room }, () => {
      const frame = pool.at(sent);
      sent += 1;
      const id = `${ID_PREFIX}${sent}`;
      inHand.add(id);
      return frameRecordOf({ ...frame, id }, ASKS, now());
    });
    await sender.send(records);
  }

  return {
    received({ id, final, spent }) {
      if (final && inHand.delete(id)) passes += spent;
    },
    async run() {
      const begin = now();
      let measuredFrom: { readonly at: number; readonly passes: number } | null = null;
      while (now() - begin < RUN_UP_MS + MEASURE_MS && !signal.aborted) {
        await fill();
        await pause(LOOK_EVERY_MS);
        if (measuredFrom === null && now() - begin >= RUN_UP_MS) measuredFrom = { at: now(), passes };
      }
      const from = measuredFrom ?? { at: begin, passes: 0 };
      // In passes, not frames: an answer so sure that it rounds to 1 ends its frame before full depth.
      const perSecond = ((passes - from.passes) * 1000) / Math.max(1, now() - from.at);
      while (inHand.size > 0 && !signal.aborted) await pause(LOOK_EVERY_MS);
      return perSecond;
    },
  };
}
