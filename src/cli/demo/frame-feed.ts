// Puts frames on the log as they fall due. A timer appends what is due since its last turn, so that nothing is busy in between;
// each record carries the time it was due, so that a late timer hides no latency.
import { encodeHeaders } from '../../core/envelope.ts';
import type { OutgoingRecord } from '../../ports.ts';
import type { Arrivals } from '../arrivals.ts';
import type { FramePool } from '../frame-pool.ts';

export interface FedFrame {
  readonly id: string;
  readonly label: string | null;
  readonly dueAt: number;
}

export interface FrameFeedOptions {
  readonly pool: FramePool;
  readonly arrivals: Arrivals;
  /** Frames a second now. */
  readonly rate: () => number;
  readonly now: () => number;
  readonly append: (frames: readonly OutgoingRecord[]) => void;
  readonly fed: (frame: FedFrame) => void;
}

const TURN_EVERY_MS = 5;

/** Feeds until the function returned is called. */
export function startFrameFeed({ pool, arrivals, rate, now, append, fed }: FrameFeedOptions): () => void {
  let sent = 0;
  const turn = () => {
    const due = arrivals.until(now(), rate());
    const records = due.map((dueAt) => {
      const { id, label, bytes } = pool.at(sent);
      sent += 1;
      fed({ id, label, dueAt });
      const headers = encodeHeaders({ ce_id: id, ...(label === null ? {} : { label }) });
      return { key: null, value: bytes, headers, timestamp: dueAt };
    });
    if (records.length > 0) append(records);
  };
  const timer = setInterval(turn, TURN_EVERY_MS);
  return () => clearInterval(timer);
}
