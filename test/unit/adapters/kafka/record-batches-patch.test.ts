// What a fetch brings when some of its record batches cannot be read: one stand-in for each, and everything else as kafkajs reads it.
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { CompressionCodecs, CompressionTypes, type KafkaMessage } from 'kafkajs';
import { beforeAll, expect, test } from 'vitest';
import { mendRecordBatches, unreadableBatch } from '../../../../src/adapters/kafka/record-batches-patch.ts';

const require = createRequire(import.meta.url);
const Decoder = require('kafkajs/src/protocol/decoder');
const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0');
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0');
const FETCH = 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages';

type Value = Buffer | null;

const recordOf = (value: Value, offsetDelta: number) =>
  encodeRecord({ offsetDelta, timestampDelta: 0, key: null, value, headers: { at: Buffer.from(String(offsetDelta)) } });

/** A batch as the log has it. */
async function batchOf(firstOffset: number, values: readonly Value[], compression = CompressionTypes.None) {
  const records = values.map(recordOf);
  const options = { records, firstTimestamp: 5, maxTimestamp: 7, producerId: 3, producerEpoch: 0, firstSequence: 0 };
  const encoder = await RecordBatch({ ...options, compression, lastOffsetDelta: values.length - 1 });
  const batch: Buffer = encoder.buffer;
  batch.writeBigInt64BE(BigInt(firstOffset), 0);
  return batch;
}

/** The same with other packed records, under the given codec. */
function packedAs(batch: Buffer, codec: number, count: number, packed: Buffer): Buffer {
  const whole = Buffer.concat([batch.subarray(0, 61), packed]);
  whole.writeInt32BE(whole.length - 12, 8);
  whole.writeInt16BE(codec, 21);
  whole.writeInt32BE(count - 1, 23);
  whole.writeInt32BE(count, 57);
  return whole;
}

/** As a response has the batches of a partition. */
function partitionOf(...batches: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(batches);
  const size = Buffer.alloc(4);
  size.writeInt32BE(bytes.length);
  return Buffer.concat([size, bytes]);
}

function fetched(...batches: readonly Buffer[]): Promise<KafkaMessage[]> {
  return require(FETCH)(new Decoder(partitionOf(...batches)));
}

const seen = (messages: readonly KafkaMessage[]) => messages.map(({ offset, value }) => [offset, value?.toString()]);
const good = [Buffer.from('a'), Buffer.from('b')];
let readByKafkajs: KafkaMessage[];

beforeAll(async () => {
  readByKafkajs = await fetched(await batchOf(10, good), await batchOf(12, good, CompressionTypes.GZIP));
  mendRecordBatches();
  mendRecordBatches();
});

test('what can be read is read as before', async () => {
  expect(await fetched(await batchOf(10, good), await batchOf(12, good, CompressionTypes.GZIP))).toEqual(readByKafkajs);
  expect(seen(readByKafkajs).map(([offset]) => offset)).toEqual(['10', '11', '12', '13']);
  expect(readByKafkajs.map(unreadableBatch)).toEqual([null, null, null, null]);
  expect(await require(FETCH)(new Decoder(Buffer.from([0, 0, 0, 0])))).toEqual([]);
});

test.each([
  ['a codec that is not there', 3, 4, Buffer.from('lz4'), /offsets 20 to 23 .*lz4.*not implemented/],
  ['damaged', 1, 2, Buffer.from('no gzip'), /offsets 20 to 21 .*gzip.*incorrect header check/],
  ['fewer records than it says', 1, 3, gzipSync(recordBytes(1)), /offsets 20 to 22 /],
  ['more bytes than are unpacked', 1, 1, gzipSync(Buffer.alloc(65 * 1024 * 1024)), /offsets 20 to 20 /],
  [
    'more records than are unpacked',
    1,
    100_001,
    gzipSync(recordBytes(10)),
    /at most 100000 records in a batch, got 100001/,
  ],
])(
  '%s: one record without value stands for it at its last offset, and reading goes on',
  async (_, codec, count, packed, why) => {
    const bad = packedAs(await batchOf(20, good), codec, count, packed);
    const messages = await fetched(await batchOf(18, good), bad, await batchOf(20 + count, good));
    const last = String(20 + count - 1);
    expect(seen(messages).map(([offset]) => offset)).toEqual([
      '18',
      '19',
      last,
      String(20 + count),
      String(21 + count),
    ]);
    expect(messages.map((message) => unreadableBatch(message) !== null)).toEqual([false, false, true, false, false]);
    expect(messages[2]).toMatchObject({ value: null, key: null, headers: {}, timestamp: '7' });
    expect(messages[2]?.['batchContext' as keyof KafkaMessage]).toMatchObject({
      inTransaction: false,
      producerId: '3',
    });
    expect(unreadableBatch(messages[2] as KafkaMessage)).toMatch(why);
  },
);

test('a batch that compaction has emptied is read behind: a marker at its last offset, which is shown to nobody', async () => {
  const emptied = packedAs(await batchOf(20, good), 0, 0, Buffer.alloc(0));
  emptied.writeInt32BE(4, 23); // it keeps its offsets
  const cutOff = (await batchOf(25, good)).subarray(0, 70);
  const messages = await fetched(emptied, cutOff);
  expect(messages).toMatchObject([{ offset: '24', isControlRecord: true, value: null }]);
  expect(messages.map(unreadableBatch)).toEqual([null]);
  const Batch = require('kafkajs/src/consumer/batch');
  const batch = new Batch('frames', '20', { partition: 0, highWatermark: '27', messages });
  expect([batch.messages, batch.isEmptyDueToFiltering(), batch.lastOffset()]).toEqual([[], true, '24']);
});

test('a batch that is cut off at the end is left for the next fetch, and so is what is too much at once', async () => {
  const [first, second] = [await batchOf(0, good), await batchOf(2, good)];
  expect(seen(await fetched(first, second.subarray(0, second.length - 1))).map(([offset]) => offset)).toEqual([
    '0',
    '1',
  ]);
  expect(seen(await fetched(first, second.subarray(0, 30))).map(([offset]) => offset)).toEqual(['0', '1']);
  const large = await batchOf(2, [Buffer.alloc(17 * 1024 * 1024)]);
  expect((await fetched(first, large, await batchOf(3, good))).map(({ offset }) => offset)).toEqual(['0', '1', '2']);
});

test('what is too much at once is so over all partitions of a response: those behind are left for the next', async () => {
  const large = await batchOf(0, [Buffer.alloc(9 * 1024 * 1024)]);
  const partitions = [large, large, await batchOf(0, good)].map((batch) => partitionOf(batch));
  const response = new Decoder(Buffer.concat(partitions));
  const read: number[] = [];
  for (const _ of partitions) read.push((await require(FETCH)(response)).length);
  expect(read).toEqual([1, 1, 0]);
  expect(await fetched(await batchOf(0, good))).toHaveLength(2);
});

test('large headers are much at once too', async () => {
  const header = encodeRecord({
    ...{ offsetDelta: 0, timestampDelta: 0, key: null, value: null },
    headers: { large: Buffer.alloc(17 * 1024 * 1024) },
  });
  const large = packedAs(await batchOf(2, [null]), 1, 1, gzipSync(header.buffer));
  expect((await fetched(large, await batchOf(3, good))).map(({ offset }) => offset)).toEqual(['2']);
});

const withHeaders = (count: number) =>
  encodeRecord({
    ...{ offsetDelta: 0, timestampDelta: 0, key: null, value: null },
    headers: { '': Array.from({ length: count }, () => Buffer.alloc(1)) },
  }).buffer as Buffer;

test.each([
  ['in a record', CompressionTypes.None, 1, withHeaders(1001), /at most 1000 headers in a record, got 1001/],
  ['in a packed record', CompressionTypes.GZIP, 1, gzipSync(withHeaders(1001)), /at most 1000 headers in a record/],
  [
    'in a batch',
    CompressionTypes.GZIP,
    101,
    gzipSync(Buffer.concat(Array.from({ length: 101 }, () => withHeaders(1000)))),
    /at most 100000 headers in a batch/,
  ],
])('too many headers %s: nothing is made of them', async (_, codec, count, records, why) => {
  const messages = await fetched(packedAs(await batchOf(20, good), codec, count, records), await batchOf(200, good));
  expect(messages).toHaveLength(3);
  expect(unreadableBatch(messages[0] as KafkaMessage)).toMatch(why);
});

test('as many as may be are read', async () => {
  const [message] = await fetched(packedAs(await batchOf(20, good), CompressionTypes.None, 1, withHeaders(1000)));
  expect(message?.headers?.['']).toHaveLength(1000);
});

test.each([
  ['no memory for it', new RangeError('Array buffer allocation failed')],
  ['none for zlib', Object.assign(new Error('insufficient memory'), { code: 'Z_MEM_ERROR' })],
])('a batch is not to blame where there is %s: it is fetched again', async (_, shortage) => {
  const codec = CompressionCodecs[CompressionTypes.GZIP];
  CompressionCodecs[CompressionTypes.GZIP] = () => ({ ...codec(), decompress: () => Promise.reject(shortage) });
  try {
    await expect(fetched(await batchOf(12, good, CompressionTypes.GZIP))).rejects.toBe(shortage);
  } finally {
    CompressionCodecs[CompressionTypes.GZIP] = codec;
  }
});

function recordBytes(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, i) => recordOf(Buffer.from('x'), i).buffer));
}
