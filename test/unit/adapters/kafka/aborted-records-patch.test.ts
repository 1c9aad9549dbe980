// Records of aborted transactions are shown to nobody, however many overlap: seen on kafkajs' own broker and batch.
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import { mendAbortedRecords } from '../../../../src/adapters/kafka/aborted-records-patch.ts';

const require = createRequire(import.meta.url);
const Broker = require('kafkajs/src/broker');
const Batch = require('kafkajs/src/consumer/batch');
const { fetch } = Broker.prototype;

const ABORT = Buffer.from([0, 0, 0, 0]);
const COMMIT = Buffer.from([0, 0, 0, 1]);
const at = (offset: number, producer: number, more: object = {}) => ({
  offset: String(offset),
  key: null,
  isControlRecord: false,
  batchContext: { producerId: String(producer), inTransaction: true },
  ...more,
});
const end = (offset: number, producer: number, key: Buffer) => at(offset, producer, { key, isControlRecord: true });
const begun = (producer: number, offset: number) => ({ producerId: String(producer), firstOffset: String(offset) });

/** What a fetch of these shows, and how far it is read. */
async function shown(messages: object[], abortedTransactions: object[] | null, from = 0) {
  const broker = Object.create(Broker.prototype);
  const partition = { partition: 0, highWatermark: '100', abortedTransactions, messages };
  const answer = { throttleTime: 0, responses: [{ topicName: 'frames', partitions: [partition] }] };
  broker.lookupRequest = () => (request: object) => request;
  broker.connectionPool = { send: async () => answer };
  const { responses } = await broker.fetch({ topics: [{ topic: 'frames', partitions: [{ partition: 0 }] }] });
  const batch = new Batch('frames', String(from), responses[0].partitions[0]);
  return { offsets: batch.messages.map(({ offset }: { offset: string }) => Number(offset)), last: batch.lastOffset() };
}

/** Producer 1 has 0 to 4 and aborts at 8, producer 2 has 5 and 6 and aborts at 7, producer 3 commits 9. */
const overlapping = [
  ...[0, 1, 2, 3, 4].map((offset) => at(offset, 1)),
  ...[5, 6].map((offset) => at(offset, 2)),
  end(7, 2, ABORT),
  end(8, 1, ABORT),
  at(9, 3),
  end(10, 3, COMMIT),
];
/** As Kafka names them. */
const byTheirEnds = [begun(2, 5), begun(1, 0)];
/** A fetch from 6 on. */
const within = overlapping.slice(6);

describe('kafkajs as it comes: when it no longer does so, this mend can go', () => {
  beforeAll(() => {
    Broker.prototype.fetch = fetch;
  });
  test('what overlaps is shown, and what a fetch begins within', async () => {
    expect((await shown(overlapping, byTheirEnds)).offsets).toEqual([0, 1, 2, 3, 4, 9]);
    expect((await shown(within, [begun(1, 0), begun(2, 5)], 6)).offsets).toEqual([6, 9]);
  });
});

describe('mended', () => {
  beforeAll(() => {
    mendAbortedRecords();
    mendAbortedRecords();
  });
  test.each([
    ['from the beginning', overlapping, 0],
    ['within both', within, 6],
  ])('%s: only what was committed is shown, and all is read behind', async (_, messages, from) => {
    for (const transactions of [byTheirEnds, byTheirEnds.toReversed()])
      expect(await shown(messages, transactions, from)).toEqual({ offsets: [9], last: '10' });
  });
  test('where all was aborted the reading goes on behind it', async () => {
    expect(await shown(overlapping.slice(0, 7), byTheirEnds)).toEqual({ offsets: [], last: '6' });
  });
  test('a producer is believed again after its abort, and may abort again', async () => {
    const messages = [at(0, 1), end(1, 1, ABORT), at(2, 1), end(3, 1, COMMIT), at(4, 1), end(5, 1, ABORT), at(6, 1)];
    expect((await shown(messages, [begun(1, 4), begun(1, 0)])).offsets).toEqual([2, 6]);
  });
  test('a record with the key of a marker is none; one outside of transactions, or of the old format, is shown', async () => {
    const batchContext = { producerId: '1', inTransaction: false };
    const messages = [
      at(0, 1, { key: ABORT }),
      at(1, 1),
      at(2, 1, { batchContext }),
      at(3, 1, { batchContext: undefined }),
    ];
    expect((await shown(messages, [begun(1, 0)])).offsets).toEqual([2, 3]);
  });
  test.each([null, []])('without aborted transactions all is shown', async (none) => {
    expect(await shown(overlapping, none)).toEqual({ offsets: [0, 1, 2, 3, 4, 5, 6, 9], last: '10' });
  });
});
