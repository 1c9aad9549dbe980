// A frame of a data set as a record for the frames topic: its bytes, CloudEvents headers, what is asked of it, its label for scoring.
import { createHash } from 'node:crypto';
import { encodeHeaders } from '../core/envelope.ts';
import type { OutgoingRecord } from '../ports.ts';

/** What frames ask for; null = the worker's default. */
export interface FrameAsks {
  /** After the record's time. */
  readonly deadlineMs: number | null;
  /** Passes. */
  readonly budget: number | null;
  readonly minConfidence: number | null;
  readonly maxStage: number | null;
  readonly priority: number | null;
}

export const ASK_NOTHING: FrameAsks = {
  deadlineMs: null,
  budget: null,
  minConfidence: null,
  maxStage: null,
  priority: null,
};

/** Longest id that a worker takes. */
const MAX_ID_CHARS = 256;

/** No key, so that frames spread over the partitions. `dueAt` becomes the record's time: deadlines count from there. */
export function frameRecordOf(
  frame: { readonly id: string; readonly label: string | null; readonly bytes: Uint8Array },
  asks: FrameAsks,
  dueAt: number,
): OutgoingRecord {
  const given = {
    label: frame.label,
    'deadline-ms': asks.deadlineMs,
    budget: asks.budget,
    'min-confidence': asks.minConfidence,
    'max-stage': asks.maxStage,
    priority: asks.priority,
  };
  const texts = Object.entries(given).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]]));
  return {
    key: null,
    value: frame.bytes,
    headers: encodeHeaders({
      ce_id: frame.id,
      ce_source: '/anytime-stream/send',
      ce_type: 'anytime-stream.frame.v1',
      ce_specversion: '1.0',
      ...Object.fromEntries(texts),
    }),
    timestamp: Math.round(dueAt),
  };
}

/** Prefix + path in its data set, the same at every run; of a path that is too long, its end and a hash of the whole. */
export function stableId(prefix: string, path: string): string {
  const id = `${prefix}${path}`;
  if (id.length <= MAX_ID_CHARS) return id;
  const sum = createHash('sha256').update(id).digest('hex').slice(0, 32);
  return `${sum}/${id.slice(-(MAX_ID_CHARS - 33))}`;
}
