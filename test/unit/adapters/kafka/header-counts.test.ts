// Headers are counted from the bytes of records as kafkajs writes them, and bytes that are no records harm nothing.
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headerCounts } from '../../../../src/adapters/kafka/header-counts.ts';

const encodeRecord = createRequire(import.meta.url)('kafkajs/src/protocol/recordBatch/record/v0');

const bytes = fc.uint8Array({ maxLength: 300 }).map((some) => Buffer.from(some));
const record = fc.record({
  offsetDelta: fc.nat(100_000),
  timestampDelta: fc.nat(2 ** 31),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.dictionary(fc.string(), fc.oneof(bytes, fc.array(bytes, { minLength: 1, maxLength: 3 })), {
    maxKeys: 20,
  }),
});

test('those of every record, whatever else it holds', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 8 }), (records) => {
      const counts = records.map(({ headers }) => Object.values(headers).flat().length);
      const all = Buffer.concat(records.map((one) => encodeRecord(one).buffer));
      expect([...headerCounts(all)]).toEqual(counts);
      // One that is cut off is left to who reads it.
      expect([...headerCounts(all.subarray(0, -1))]).toEqual(counts.slice(0, -1));
    }),
  );
});

test('of any bytes it comes to an end', () => {
  fc.assert(
    fc.property(bytes, (some) => {
      expect([...headerCounts(some)].length).toBeLessThanOrEqual(some.length);
    }),
  );
});
