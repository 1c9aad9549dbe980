// kafkajs messages become frame records, and the record's own headers are not lost.
import { expect, test } from 'vitest';
import {
  originalHeaders,
  singleHeaders,
  toBuffer,
  toFrameRecord,
} from '../../../../src/adapters/kafka/frame-record.ts';
import { newFrame } from '../../../../src/core/frame.ts';
import type { FrameSpec } from '../../../../src/core/frame-spec.ts';

const message = {
  key: Buffer.from('k'),
  value: null,
  timestamp: '1700000000000',
  attributes: 0,
  offset: '9007199254740993',
  headers: { one: Buffer.from('1'), twice: [Buffer.from('a'), Buffer.from('b')], text: 'x' },
};

test('an offset beyond 2^53 stays exact; a header named twice counts with its last value', () => {
  const record = toFrameRecord('frames', 2, 5, message);
  expect(record).toMatchObject({ topic: 'frames', partition: 2, epoch: 5, offset: 9007199254740993n, value: null });
  expect(record.timestamp).toBe(1_700_000_000_000);
  expect(Object.entries(record.headers).map(([name, bytes]) => [name, Buffer.from(bytes).toString()])).toEqual([
    ['one', '1'],
    ['twice', 'b'],
    ['text', 'x'],
  ]);
});

test('a dead letter gets both values of a header named twice, from a copy of the record too', () => {
  const record = { ...toFrameRecord('frames', 2, 5, message) };
  expect(originalHeaders(record.headers)['twice']).toEqual([Buffer.from('a'), Buffer.from('b')]);
  expect(originalHeaders({ own: new Uint8Array([1]) })).toEqual({ own: Buffer.from([1]) });
});

test('headers named like parts of Object.prototype are plain headers', () => {
  const headers = singleHeaders(JSON.parse('{"__proto__": "x", "constructor": "y"}'));
  expect(Object.getOwnPropertyNames(headers)).toEqual(['__proto__', 'constructor']);
});

test('a buffer over bytes shares their memory', () => {
  const bytes = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
  const buffer = toBuffer(bytes);
  expect([...buffer]).toEqual([2, 3]);
  bytes[0] = 9;
  expect(buffer[0]).toBe(9);
});

test('a header with a null value can be sent on in a dead letter, as an empty one', () => {
  const headers = { none: null, twice: [null, Buffer.from('b')] } as unknown as typeof message.headers;
  const record = toFrameRecord('frames', 2, 5, { ...message, headers });
  expect(originalHeaders(record.headers)).toEqual({
    none: Buffer.alloc(0),
    twice: [Buffer.alloc(0), Buffer.from('b')],
  });
});

test('a record holds its own bytes, not the fetch it came with', () => {
  const fetch = Buffer.from(new ArrayBuffer(512 * 1024));
  const parts = {
    key: fetch.subarray(0, 3),
    value: fetch.subarray(10, 10_010),
    headers: { h: fetch.subarray(20_000, 20_100) },
  };
  const record = toFrameRecord('frames', 0, 1, { ...message, ...parts });
  expect([record.key, record.value, record.headers['h']].map((bytes) => bytes?.buffer.byteLength)).toEqual([
    3, 10_000, 100,
  ]);
  expect(originalHeaders(record.headers)['h']).toHaveProperty('buffer.byteLength', 100);
  const large = toFrameRecord('frames', 0, 1, { ...message, value: fetch.subarray(0, 400_000) });
  expect(large.value?.buffer).toBe(fetch.buffer); // most of it anyway: not copied
});

test('every value of a header named twice counts to what a record holds', () => {
  const headers = { h: [Buffer.alloc(1000), Buffer.alloc(500), Buffer.alloc(1)], k: Buffer.alloc(2) };
  const record = toFrameRecord('frames', 0, 1, { ...message, key: null, value: Buffer.alloc(10), headers });
  const frame = newFrame({} as FrameSpec, record, 0);
  expect(frame.heldBytes).toBe(10 + 3 * 1 + 1501 + 1 + 2 + 4 * 300);
});
