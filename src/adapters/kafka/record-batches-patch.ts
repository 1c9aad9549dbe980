// Mends how kafkajs 2.2.4 reads the record batches of a fetch: one batch that it cannot read (a codec it lacks, damaged or very large
// when unpacked) makes the consumer fall over at the same offset for ever, and the whole group with it. Here such a batch comes as one
// record without value at its last offset that says why, and the partition goes on. So does it behind a batch that compaction has emptied,
// which kafkajs reads for ever where the one behind it is too large to come along. What is unpacked is bounded.
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { unzip } from 'node:zlib';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import { messageOf } from '../../errors.ts';
import { headerCounts } from './header-counts.ts';
import { mendOnce } from './mend-once.ts';

interface Decoder {
  readonly buffer: Buffer;
  readonly offset: number;
  readInt32(): number;
  readBytes(count: number): Buffer;
}

interface BatchHeader {
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
  readonly records: number;
  readonly timestamp: bigint;
  readonly codec: number;
  readonly isControlBatch: boolean;
  /** Which transaction it belongs to: kafkajs leaves out what was aborted. */
  readonly batchContext: { readonly inTransaction: boolean; readonly producerId: string };
}

type Records = readonly KafkaMessage[];

/** Unpacked, a batch may be so large … */
const MAX_BATCH_BYTES = 64 * 1024 * 1024;
/** … and hold so many records. A batch of frames has hundreds. */
const MAX_BATCH_RECORDS = 100_000;
/** Each header becomes objects of some hundred bytes, however short it is: a record may have so many … */
export const MAX_HEADERS = 1000;
/** … and a batch so many in all. */
const MAX_BATCH_HEADERS = 100_000;
const HEADER_OBJECT_BYTES = 300;
/** What a response to a fetch holds beyond this, unpacked, of whichever partition, is fetched again after it. */
const MAX_FETCH_BYTES = 16 * 1024 * 1024;
/** An object in memory, besides key and value. */
const RECORD_BYTES = 200;

// Layout of a record batch (magic 2), in bytes.
const SIZE_BYTES = 4;
const LENGTH_AT = 8;
const AFTER_LENGTH = 12;
const MAGIC_AT = 16;
const HEADER_BYTES = 61;
const MAGIC = 2;
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

const WHY = Symbol.for('anytime-stream.unreadable');

/** Of each response, by its decoder, which all its partitions are read from: what is unpacked of it so far, in bytes. */
const unpacked = new WeakMap<Decoder, number>();

/** Why this record stands for a whole batch that cannot be read; null for a real record. */
export function unreadableBatch(message: KafkaMessage): string | null {
  return (message as { [WHY]?: string })[WHY] ?? null;
}

/** Patches the module once per process, before its first fetch; calling it again changes nothing. */
export function mendRecordBatches(): void {
  const require = createRequire(import.meta.url);
  const path = require.resolve('kafkajs/src/protocol/requests/fetch/v4/decodeMessages');
  const original = require(path) as (decoder: Decoder) => Promise<Records>;
  const DecoderClass = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => Decoder;
  const readBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (
    decoder: Decoder,
  ) => Promise<{ records: Records }>;
  mendOnce(require.cache[path] as NodeJS.Module, (module) => {
    module.exports = async (decoder: Decoder) => {
      if (!holdsBatches(decoder)) return original(decoder); // nothing, or the format before
      const bytes = decoder.readBytes(decoder.readInt32());
      return readBatches(decoder, bytes, async (batch, { codec }) => {
        if (codec === 0) checkHeaders(batch.subarray(HEADER_BYTES));
        return (await readBatch(new DecoderClass(batch))).records;
      });
    };
    boundGzip(require);
  });
}

/** Looks only: a size, and that many bytes that begin with a record batch. */
function holdsBatches({ buffer, offset }: Decoder): boolean {
  const size = buffer.readInt32BE(offset);
  const from = offset + SIZE_BYTES;
  return size > MAGIC_AT && from + size <= buffer.length && buffer.readInt8(from + MAGIC_AT) === MAGIC;
}

function boundGzip(require: NodeJS.Require): void {
  // Not by import: Node does not find these two among the names that kafkajs exports.
  const { CompressionCodecs, CompressionTypes } = require('kafkajs') as typeof import('kafkajs');
  const codec = CompressionCodecs[CompressionTypes.GZIP]();
  const unpack = promisify<Buffer, { maxOutputLength: number }, Buffer>(unzip);
  const decompress = async (packed: Buffer) => {
    const records = await unpack(packed, { maxOutputLength: MAX_BATCH_BYTES });
    checkHeaders(records);
    return records;
  };
  const bounded = { ...codec, decompress };
  CompressionCodecs[CompressionTypes.GZIP] = () => bounded;
}

/** Before kafkajs makes objects of them. Errors: more than a record, or a batch, may have. */
function checkHeaders(records: Buffer): void {
  let all = 0;
  for (const headers of headerCounts(records)) {
    all += headers;
    if (headers > MAX_HEADERS) throw new Error(`expected at most ${MAX_HEADERS} headers in a record, got ${headers}`);
    if (all > MAX_BATCH_HEADERS) throw new Error(`expected at most ${MAX_BATCH_HEADERS} headers in a batch, got more`);
  }
}

/** Every whole batch, until what the response holds is enough. The last one may be cut off: it is fetched again. */
async function readBatches(
  response: Decoder,
  bytes: Buffer,
  read: (batch: Buffer, header: BatchHeader) => Promise<Records>,
): Promise<KafkaMessage[]> {
  const all: KafkaMessage[] = [];
  let held = unpacked.get(response) ?? 0;
  for (let at = 0; at + HEADER_BYTES <= bytes.length && held < MAX_FETCH_BYTES; ) {
    const end = at + AFTER_LENGTH + bytes.readInt32BE(at + LENGTH_AT);
    if (end > bytes.length || end < at + HEADER_BYTES) break;
    const batch = bytes.subarray(at, end);
    const header = headerOf(batch);
    for (const record of await recordsOf(header, () => read(batch, header))) {
      held += (record.key?.length ?? 0) + (record.value?.length ?? 0) + headerBytes(record.headers) + RECORD_BYTES;
      all.push(record);
    }
    at = end;
  }
  unpacked.set(response, held);
  return all;
}

async function recordsOf(header: BatchHeader, read: () => Promise<Records>): Promise<Records> {
  try {
    if (header.records > MAX_BATCH_RECORDS)
      throw new Error(`expected at most ${MAX_BATCH_RECORDS} records in a batch, got ${header.records}`);
    const records = await read();
    return records.length > 0 ? records : [hidden(header)];
  } catch (error) {
    if (isShortage(error)) throw error; // it says nothing about the bytes: they are fetched again
    return [standIn(header, messageOf(error))];
  }
}

/** This machine had no memory for it just now. */
function isShortage(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return SHORTAGES.has(String(code)) || /allocation failed/i.test(String(message));
}

const SHORTAGES = new Set(['Z_MEM_ERROR', 'ERR_ZLIB_INITIALIZATION_FAILED', 'ERR_MEMORY_ALLOCATION_FAILED']);

/** Repeated ones included. */
export function headerCount(headers: IHeaders): number {
  return Object.values(headers).reduce((sum, values) => sum + (Array.isArray(values) ? values.length : 1), 0);
}

/** In memory: names and all values, repeated ones included, and the objects they are in. */
export function headerBytes(headers: IHeaders | undefined): number {
  let bytes = 0;
  for (const [name, values] of Object.entries(headers ?? {}))
    for (const value of Array.isArray(values) ? values : [values])
      bytes += name.length + (value?.length ?? 0) + HEADER_OBJECT_BYTES;
  return bytes;
}

function headerOf(batch: Buffer): BatchHeader {
  const attributes = batch.readInt16BE(21);
  const firstOffset = batch.readBigInt64BE(0);
  return {
    firstOffset,
    lastOffset: firstOffset + BigInt(batch.readInt32BE(23)),
    timestamp: batch.readBigInt64BE(35),
    records: batch.readInt32BE(57),
    codec: attributes & 0x7,
    isControlBatch: (attributes & 0x20) !== 0,
    batchContext: { inTransaction: (attributes & 0x10) !== 0, producerId: String(batch.readBigInt64BE(43)) },
  };
}

/** Shown to nobody, and read behind: kafkajs takes it for a marker. */
function hidden(header: BatchHeader): KafkaMessage {
  return recordAtEnd({ ...header, isControlBatch: true });
}

function standIn(header: BatchHeader, reason: string): KafkaMessage {
  const { firstOffset, lastOffset, records, codec } = header;
  const what = `${records} records at offsets ${firstOffset} to ${lastOffset} (compression: ${CODECS[codec] ?? codec})`;
  return Object.assign(recordAtEnd(header), {
    [WHY]: `Expected a record batch that can be read, got ${what}: ${reason}`,
  });
}

function recordAtEnd({ timestamp, lastOffset, isControlBatch, batchContext }: BatchHeader): KafkaMessage {
  const record = {
    attributes: 0,
    timestamp: String(timestamp),
    offset: String(lastOffset),
    key: null,
    value: null,
    headers: {},
  };
  return { ...record, isControlRecord: isControlBatch, batchContext } as unknown as KafkaMessage;
}
