// A record with very many headers is read in no time, and as kafkajs reads it otherwise.
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { mendRecordHeaders } from '../../../../src/adapters/kafka/record-headers-patch.ts';

const require = createRequire(import.meta.url);
const Decoder = require('kafkajs/src/protocol/decoder');
const decodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0/decoder');
const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0');

function readBack(headers: Record<string, Buffer | Buffer[]>): Record<string, Buffer | Buffer[]> {
  const decoder = new Decoder(encodeRecord({ key: null, value: Buffer.from('v'), headers }).buffer);
  decoder.readVarInt();
  return decodeRecord(decoder, { firstOffset: 0, firstTimestamp: 0 }).headers;
}

test('headers come as before: one value, or all values of a name', () => {
  const headers = { one: Buffer.from('1'), twice: [Buffer.from('a'), Buffer.from('b')], none: Buffer.alloc(0) };
  const before = readBack(headers);
  mendRecordHeaders();
  mendRecordHeaders();
  expect(readBack(headers)).toEqual(before);
  expect(readBack({})).toEqual({});
});

test('ten thousand headers do not block the event loop', () => {
  mendRecordHeaders();
  const headers = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`h${i}`, Buffer.from('x')]));
  const beganAt = performance.now();
  expect(Object.keys(readBack(headers))).toHaveLength(10_000);
  expect(performance.now() - beganAt).toBeLessThan(2000);
});
