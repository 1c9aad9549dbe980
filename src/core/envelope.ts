// The envelope of what goes out: headers of result records and dead letters (the message contract in README.md). Pure: the
// caller brings the random span id.
import type { FrameRecord } from './frame-record.ts';
import { type ResultRecord, ResultSchema, type ResultValue } from './result.ts';

/** Where answers and refused records go. */
export interface ResultTopics {
  readonly coarse: string;
  readonly refined: string;
  readonly deadLetters: string;
}

export const DEFAULT_RESULT_TOPICS: ResultTopics = {
  coarse: 'frames.coarse',
  refined: 'frames.refined',
  deadLetters: 'frames.dlq',
};

export type Headers = Record<string, Uint8Array>;

/** Type of every result event (CloudEvents `type`). */
export const RESULT_TYPE = 'anytime-stream.result.v1';

/** Names that dead letters carry, as Kafka Connect writes them (KIP-298); `code` is ours: the closed union of errors.ts. */
export const ERROR_HEADERS = {
  topic: '__connect.errors.topic',
  partition: '__connect.errors.partition',
  offset: '__connect.errors.offset',
  stage: '__connect.errors.stage',
  className: '__connect.errors.exception.class.name',
  message: '__connect.errors.exception.message',
  code: '__connect.errors.exception.code',
  /** Ours too: on a letter whose topic could not take the record's value. */
  omitted: '__connect.errors.value.omitted',
} as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** W3C Trace Context, version 00: the same trace id and flags with a new span id (16 hex digits); null when it does not parse. */
export function continueTrace(traceparent: string | null, spanId: string): string | null {
  const parts = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/.exec(traceparent ?? '');
  if (!parts) return null;
  const [, version, traceId, parentId, flags] = parts;
  if (version === 'ff' || /^0+$/.test(traceId ?? '') || /^0+$/.test(parentId ?? '')) return null;
  return `00-${traceId}-${spanId}-${flags}`;
}

/** Value bytes of a result record: its JSON. */
export function resultBytes(record: ResultRecord): Uint8Array {
  return encoder.encode(JSON.stringify(record.value));
}

/** The result in these bytes; null when they are none (another program's record, a newer contract). */
export function parseResult(bytes: Uint8Array | null): ResultValue | null {
  if (bytes === null) return null;
  try {
    return ResultSchema.safeParse(JSON.parse(decoder.decode(bytes))).data ?? null;
  } catch {
    return null; // no JSON
  }
}

/**
 * CloudEvents binary mode headers, the result's own, and the trace continued. `ce_id` is the same for the same answer, so that a
 * record published again is the same event; `confidence` and `exit` are left out where the value has null.
 */
export function resultHeaders({ value, traceparent }: ResultRecord, spanId: string): Headers {
  const trace = continueTrace(traceparent, spanId);
  return encodeHeaders({
    ce_id: `${value.id}/${value.stage}${value.final ? '/final' : ''}`,
    ce_source: `/anytime-stream/${value.model}`,
    ce_type: RESULT_TYPE,
    ce_time: new Date(value.publishedAt).toISOString(),
    ce_specversion: '1.0',
    'content-type': 'application/json',
    stage: String(value.stage),
    final: String(value.final),
    epoch: String(value.epoch),
    ...(value.confidence === null ? {} : { confidence: String(value.confidence) }),
    ...(value.exit === null ? {} : { exit: value.exit }),
    ...(trace === null ? {} : { traceparent: trace }),
  });
}

/** What a dead letter has besides the record's own headers: where it came from, the step that refused it, and why. */
export function deadLetterHeaders(letter: { record: FrameRecord; reason: Error; step: string }): Headers {
  const { record, reason, step } = letter;
  const code = 'code' in reason && typeof reason.code === 'string' ? { [ERROR_HEADERS.code]: reason.code } : {};
  return encodeHeaders({
    [ERROR_HEADERS.topic]: record.topic,
    [ERROR_HEADERS.partition]: String(record.partition),
    [ERROR_HEADERS.offset]: String(record.offset),
    [ERROR_HEADERS.stage]: step,
    [ERROR_HEADERS.className]: reason.name,
    [ERROR_HEADERS.message]: reason.message,
    ...code,
  });
}

/** Text of a header; null where there is none. Bytes that are no UTF-8 become replacement characters. */
export function headerText(headers: Readonly<Headers>, name: string): string | null {
  const bytes = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return bytes === undefined ? null : decoder.decode(bytes);
}

/** Header texts as UTF-8 bytes. */
export function encodeHeaders(texts: Readonly<Record<string, string>>): Headers {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, encoder.encode(text)]));
}
