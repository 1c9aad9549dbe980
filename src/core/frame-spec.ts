// What a frame asks for: its headers (the message contract in README.md) parsed, with the configuration's defaults.
import { AnytimeError } from '../errors.ts';
import { decimal } from './decimal.ts';
import type { MinConfidence } from './exit-policy.ts';
import type { FrameFormat, FrameRecord } from './frame-record.ts';
import { plainText } from './plain-text.ts';

export interface FrameSpec {
  /** ce_id, else topic-partition-offset. */
  readonly id: string;
  /**
   * What the budget store knows the frame by: its id; of one that brings none the record's time too, because an offset may come again with
   * another record, in a topic made anew or a log that lost its end.
   */
  readonly storeKey: string;
  /** ce_source, else the topic. */
  readonly source: string;
  readonly format: FrameFormat;
  /** Epoch ms; null = none. */
  readonly deadline: number | null;
  /** Passes. */
  readonly budget: number;
  /** 0…1: confidence at which the answer is good enough; a list (of the bundle) says it for each exit. */
  readonly minConfidence: MinConfidence;
  /** Deepest stage this frame wants; null = all. */
  readonly maxStage: number | null;
  /** 0…9; weighs the gain of refining this frame. */
  readonly priority: number;
  readonly traceparent: string | null;
}

export interface FrameDefaults {
  /** After the record's timestamp; null = frames without a deadline header have none. */
  readonly deadlineMs: number | null;
  /** Passes. */
  readonly budget: number;
  readonly minConfidence: MinConfidence;
}

const MAX_HEADER_CHARS = 1024;
const MAX_ID_CHARS = 256;
const MAX_SIDE = 1 << 16;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** What a frame may bring as its id. */
export function isFrameId(id: string): boolean {
  return id.length > 0 && id.length <= MAX_ID_CHARS;
}

/** The id of a frame that brings none. */
export function defaultFrameId(record: Pick<FrameRecord, 'topic' | 'partition' | 'offset'>): string {
  return `${record.topic}-${record.partition}-${record.offset}`;
}

/** Parse a record's headers. Errors: bad-header, with what was expected and what came: a bad header is no default. */
export function parseFrameSpec(record: FrameRecord, defaults: FrameDefaults): FrameSpec {
  const read = (name: string) => readHeader(record, name);
  const specVersion = read('ce_specversion');
  if (specVersion !== null && specVersion !== '1.0') throw badHeader('ce_specversion', '"1.0"', specVersion);
  const time = read('ce_time');
  if (time !== null && !(/^\d{4}-\d\d-\d\dT/.test(time) && Number.isFinite(Date.parse(time))))
    throw badHeader('ce_time', 'an RFC 3339 time', time);
  const id = read('ce_id');
  if (id !== null && !isFrameId(id)) throw badHeader('ce_id', `1 to ${MAX_ID_CHARS} characters`, id);
  const traceparent = read('traceparent');
  if (traceparent !== null && !/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/.test(traceparent))
    throw badHeader('traceparent', 'a W3C trace context (00-trace-span-flags)', traceparent);
  return {
    id: id ?? defaultFrameId(record),
    storeKey: id ?? `${defaultFrameId(record)}@${record.timestamp}`,
    source: read('ce_source') ?? record.topic,
    format: parseFormat(read('content-type'), read('width'), read('height')),
    deadline: parseDeadline(read('deadline'), read('deadline-ms'), record.timestamp, defaults.deadlineMs),
    budget: number(read('budget'), 'budget', 'a number of passes above 0', (n) => n > 0) ?? defaults.budget,
    minConfidence:
      number(read('min-confidence'), 'min-confidence', 'a number from 0 to 1', (n) => n >= 0 && n <= 1) ??
      defaults.minConfidence,
    maxStage: number(read('max-stage'), 'max-stage', 'a whole number from 1', (n) => Number.isInteger(n) && n >= 1),
    priority:
      number(
        read('priority'),
        'priority',
        'a whole number from 0 to 9',
        (n) => Number.isInteger(n) && n >= 0 && n <= 9,
      ) ?? 0,
    traceparent,
  };
}

/** What names a frame whose headers do not parse as a whole: its id, source and trace where these do, defaults for the rest. */
export function identityOf(record: FrameRecord, defaults: FrameDefaults): FrameSpec {
  const headers: Record<string, Uint8Array> = {};
  for (const name of ['ce_id', 'ce_source', 'traceparent']) {
    const bytes = Object.hasOwn(record.headers, name) ? record.headers[name] : undefined;
    if (bytes === undefined) continue;
    try {
      parseFrameSpec({ ...record, headers: { [name]: bytes } }, defaults);
      headers[name] = bytes;
    } catch {
      // this very header is what does not parse
    }
  }
  return parseFrameSpec({ ...record, headers }, defaults);
}

function readHeader(record: FrameRecord, name: string): string | null {
  const bytes = Object.hasOwn(record.headers, name) ? record.headers[name] : undefined;
  if (bytes === undefined) return null;
  if (bytes.length > MAX_HEADER_CHARS)
    throw badHeader(name, `at most ${MAX_HEADER_CHARS} bytes`, `${bytes.length} bytes`);
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw badHeader(name, 'UTF-8 text', `bytes ${Array.from(bytes.subarray(0, 8)).join(' ')}`, cause);
  }
}

function number(text: string | null, name: string, expected: string, isGood: (n: number) => boolean): number | null {
  if (text === null) return null;
  const value = decimal(text) ?? Number.NaN;
  if (!Number.isFinite(value) || !isGood(value)) throw badHeader(name, expected, text);
  return value;
}

function parseDeadline(at: string | null, after: string | null, timestamp: number, defaultMs: number | null) {
  if (at !== null && after !== null) throw badHeader('deadline', 'either `deadline` or `deadline-ms`', 'both');
  const absolute = number(at, 'deadline', 'a time in epoch milliseconds', (n) => n > 0);
  const relative = number(after, 'deadline-ms', 'milliseconds above 0 after the record time', (n) => n > 0);
  const afterMs = relative ?? defaultMs;
  return absolute ?? (afterMs === null ? null : timestamp + afterMs);
}

function parseFormat(type: string | null, width: string | null, height: string | null): FrameFormat {
  const bare = type?.split(';')[0]?.trim().toLowerCase() ?? null;
  if (bare === 'application/x-raw-rgb24') {
    const side = (text: string | null, name: string) => {
      const value = number(text, name, `a whole number of pixels from 1 to ${MAX_SIDE}`, (n) => isSide(n));
      if (value === null) throw badHeader(name, 'a header with the pixels of a raw frame', 'none');
      return value;
    };
    return { kind: 'rgb24', width: side(width, 'width'), height: side(height, 'height') };
  }
  if (bare !== null && !bare.startsWith('image/') && bare !== 'application/octet-stream')
    throw badHeader('content-type', 'image/*, application/octet-stream or application/x-raw-rgb24', type ?? '');
  return { kind: 'image' };
}

function isSide(n: number): boolean {
  return Number.isInteger(n) && n >= 1 && n <= MAX_SIDE;
}

function badHeader(name: string, expected: string, came: string, cause?: unknown): AnytimeError {
  return new AnytimeError('bad-header', `Expected header \`${name}\` to be ${expected}, got ${quote(came)}`, { cause });
}

/** Quoted, escaped and cut: header text comes from strangers and goes into logs and dead letters. */
function quote(text: string): string {
  return plainText(JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text));
}
