// What an outcome on its way out costs in memory: its result record, roughly, as text and in its envelope.
import { MAX_KEY_BYTES, type Outcome } from './make-result.ts';

/** Numbers, field names and headers of a record; objects around it. */
const FIXED_BYTES = 1024;
/** Each of the best classes: its confidence, field names. */
const CLASS_BYTES = 64;

/** Bytes, rounded up rather than down; id, source and key are the sender's, and may be long. */
export function outcomeBytes({ frame: { spec, record }, answer }: Outcome): number {
  const keyBytes = Math.min(record.key?.length ?? 0, MAX_KEY_BYTES);
  const named = spec.id.length + spec.source.length + (spec.traceparent?.length ?? 0) + keyBytes;
  const classes = (answer?.top ?? []).reduce((sum, { label }) => sum + label.length + CLASS_BYTES, 0);
  return FIXED_BYTES + named + classes;
}
