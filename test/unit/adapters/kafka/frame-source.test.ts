// What the source makes of kafkajs' joins and batches; the rest of it is tested on a real broker (test/contracts/frame-source.ts).
import type { EachBatchPayload } from 'kafkajs';
import { beforeEach, expect, it, vi } from 'vitest';
import type { ConsumerLifeOptions } from '../../../../src/adapters/kafka/consumer-life.ts';
import { KafkaFrameSource } from '../../../../src/adapters/kafka/frame-source.ts';
import { encodeOffsetMap } from '../../../../src/core/offset-map.ts';
import type { AssignedPartition, FrameRecord } from '../../../../src/ports.ts';

/** kafkajs' side: what the source told it to call. */
const kafka = vi.hoisted(() => ({ life: null as ConsumerLifeOptions | null, committed: '5', metadata: '' }));
vi.mock('../../../../src/adapters/kafka/client.ts', async (original) => ({
  ...(await original<object>()),
  createClient: () => ({
    admin: () => ({
      connect: async () => {},
      disconnect: async () => {},
      listTopics: async () => ['frames'],
      fetchOffsets: async () => [
        { topic: 'frames', partitions: [{ partition: 0, offset: kafka.committed, metadata: kafka.metadata }] },
      ],
    }),
  }),
}));
vi.mock('../../../../src/adapters/kafka/consumer-life.ts', () => ({
  ConsumerLife: class {
    constructor(options: ConsumerLifeOptions) {
      kafka.life = options;
    }
    async start() {}
    async stop() {}
  },
}));

const consumer = (): Parameters<ConsumerLifeOptions['joined']>[0] => ({ pause() {}, resume() {} }) as never;
const joined = (as: ReturnType<typeof consumer>) =>
  kafka.life?.joined(as, [{ topic: 'frames', partition: 0 }], 'member');

/** A batch of one record, of a log that ends at `end`; the offsets that the source took of it. */
async function batch(offset: number, end = 100): Promise<string[]> {
  const taken: string[] = [];
  await kafka.life?.batch({
    batch: {
      topic: 'frames',
      partition: 0,
      highWatermark: String(end),
      messages: [{ offset: String(offset), key: null, value: Buffer.of(1), headers: {}, timestamp: '0' }],
    },
    resolveOffset: (one: string) => taken.push(one),
    commitOffsetsIfNecessary: async () => {},
  } as unknown as EachBatchPayload);
  return taken;
}

let assigned: AssignedPartition[] = [];
let revoked = 0;
let records: FrameRecord[] = [];
let source: KafkaFrameSource;
beforeEach(async () => {
  [assigned, records, revoked] = [[], [], 0];
  [kafka.committed, kafka.metadata] = ['5', ''];
  source = new KafkaFrameSource({ brokers: ['nowhere:1'], topic: 'frames', groupId: 'workers' });
  await source.start({
    assigned: (owned) => void assigned.push(...owned),
    revoked() {
      revoked += 1;
    },
    records: (come) => void records.push(...come),
    failed: (error) => expect.unreachable(error.message),
  });
});

it('after a join, and with a new consumer, the same offsets come again under a higher epoch', async () => {
  const one = consumer();
  joined(one);
  expect(await batch(5)).toEqual(['5']);
  joined(one);
  expect(await batch(5)).toEqual(['5']);
  kafka.life?.lost();
  joined(consumer());
  expect(await batch(6)).toEqual(['6']);
  expect(records.map(({ offset, epoch }) => [offset, epoch])).toEqual([
    [5n, 1],
    [5n, 2],
    [6n, 3],
  ]);
  await source.stop();
});

it('records wait for the assignment to be announced, with what is committed', async () => {
  joined(consumer());
  expect(assigned).toEqual([]);
  await batch(5);
  expect(assigned).toMatchObject([{ partition: 0, epoch: 1, committed: 5n }]);
  await source.stop();
});

it('a log that ends before what was read of it begins anew: its offsets are of other records', async () => {
  const one = consumer();
  joined(one);
  for (const offset of [5, 6, 7]) await batch(offset);
  // Offset out of range: kafkajs goes back, and by then the log may have grown beyond what was read.
  expect(await batch(2, 9)).toEqual(['2']);
  expect(await batch(3, 9)).toEqual(['3']);
  // After a join it reads from the commit on; that the log is shorter is seen by its end.
  joined(one);
  await batch(3, 9);
  expect(revoked).toBe(1);
  joined(one);
  expect(await batch(2, 3)).toEqual(['2']);
  expect(revoked).toBe(2);
  expect(records.map(({ offset, epoch }) => [offset, epoch])).toEqual([
    ...[5n, 6n, 7n].map((offset) => [offset, 1]),
    ...[2n, 3n].map((offset) => [offset, 2]),
    [3n, 3],
    [2n, 5],
  ]);
  expect(assigned.filter(({ problem }) => problem !== null)).toMatchObject([
    { partition: 0, epoch: 2, committed: null, metadata: null, problem: expect.stringMatching(/ends before/) },
    { partition: 0, epoch: 5, committed: null, metadata: null },
  ]);
  await source.stop();
});

it.each(['to another worker', 'to the same one, with a consumer of its own anew'])(
  'a log that lost its end before its partition went %s: what comes is not what the offset map calls settled',
  async (to) => {
    if (to !== 'to another worker') {
      joined(consumer());
      for (let offset = 5; offset < 20; offset++) await batch(offset);
      kafka.life?.lost();
    }
    // 5 is slow, 6 to 19 are settled; the log ends at 9 now, and two new records have come since.
    kafka.metadata = encodeOffsetMap(5n, [{ from: 6n, to: 20n }], 100);
    joined(consumer());
    const before = assigned.length;
    expect(await batch(9, 11)).toEqual(['9']);
    expect(await batch(10, 11)).toEqual(['10']);
    expect(assigned.slice(before)).toMatchObject([
      { committed: 5n, metadata: kafka.metadata },
      { committed: null, metadata: null, problem: expect.stringMatching(/ends before/) },
    ]);
    await source.stop();
  },
);

it('a log that is as long as its offset map says is none that lost its end', async () => {
  kafka.metadata = encodeOffsetMap(5n, [{ from: 6n, to: 20n }], 100);
  joined(consumer());
  expect(await batch(5, 20)).toEqual(['5']);
  expect(assigned).toMatchObject([{ committed: 5n, metadata: kafka.metadata }]);
  expect(revoked).toBe(0);
  await source.stop();
});

it('what a pause left is read on from there, and is no log that lost its end', async () => {
  joined(consumer());
  await batch(5);
  source.pause([{ topic: 'frames', partition: 0 }]);
  expect(await batch(6)).toEqual([]);
  source.resume([{ topic: 'frames', partition: 0 }]);
  expect(await batch(6, 7)).toEqual(['6']);
  expect([revoked, assigned.length]).toEqual([0, 1]);
  await source.stop();
});
