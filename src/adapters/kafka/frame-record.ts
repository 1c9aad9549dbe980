// kafkajs messages as frame records and back: bytes stay the same bytes.
import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { FrameRecord } from '../../core/frame-record.ts';
import { headerBytes, unreadableBatch } from './record-batches-patch.ts';

/**
 * Headers of a frame record hold one value per name, the last one. The record's own headers, repeated names included, are kept
 * beside them, so that a dead letter carries them untouched (but for null values, see below).
 */
const originals = new WeakMap<FrameRecord['headers'], IHeaders>();

export function toFrameRecord(topic: string, partition: number, epoch: number, message: KafkaMessage): FrameRecord {
  const ofItsOwn = Object.fromEntries(
    Object.entries(message.headers ?? {}).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(ownBytes) : ownBytes(value),
    ]),
  );
  const headers = singleHeaders(ofItsOwn);
  if (message.headers) originals.set(headers, withoutNulls(ofItsOwn));
  const unreadable = unreadableBatch(message);
  const [key, value] = [ownBytes(message.key), ownBytes(message.value)];
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    epoch,
    key,
    value,
    headers,
    bytes: (key?.length ?? 0) + (value?.length ?? 0) + headerBytes(ofItsOwn),
    timestamp: Number(message.timestamp),
    ...(unreadable !== null && { unreadable }),
  };
}

/**
 * kafkajs' buffers are views of a whole fetch: one small record that is held for long would hold all of that, which nobody counts. What is
 * most of its memory stays as it is.
 */
function ownBytes<T extends Buffer | string | null | undefined>(bytes: T): T {
  if (!Buffer.isBuffer(bytes) || 2 * bytes.length >= bytes.buffer.byteLength) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own as T;
}

/** The headers a record came with, for kafkajs to send on. */
export function originalHeaders(headers: FrameRecord['headers']): IHeaders {
  return originals.get(headers) ?? toHeaders(headers);
}

/** A null value, which kafkajs cannot send on, becomes an empty one. */
function withoutNulls(headers: IHeaders): IHeaders {
  const sendable = (value: Buffer | string | null | undefined) => value ?? Buffer.alloc(0);
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(sendable) : sendable(value),
    ]),
  );
}

/** The last value of each header; an empty one for null. */
export function singleHeaders(headers: IHeaders | undefined): Record<string, Uint8Array> {
  const single: [string, Uint8Array][] = [];
  for (const [name, value] of Object.entries(headers ?? {})) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    single.push([name, typeof last === 'string' ? Buffer.from(last) : (last ?? Buffer.alloc(0))]);
  }
  return Object.fromEntries(single);
}

export function toHeaders(headers: Readonly<Record<string, Uint8Array>>): IHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, toBuffer(bytes)]));
}

/** The same memory as a Buffer, which is what kafkajs takes. */
export function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
