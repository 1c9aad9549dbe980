// A batch in a compression that is not supported here: its partition goes on, and a topic that we made has none.
import { randomUUID } from 'node:crypto';
import { CompressionCodecs, CompressionTypes, type Producer } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../src/adapters/kafka/client.ts';
import { KafkaFrameSource } from '../../src/adapters/kafka/frame-source.ts';
import { createTopics, FRAMES_SETTINGS, type WantedTopic } from '../../src/adapters/kafka/topics.ts';
import type { FrameRecord } from '../../src/core/frame-record.ts';
import { realServers } from '../helpers/servers/servers.ts';
import { until } from '../helpers/until.ts';

/** A frame of LZ4 with its content as it is: version 1, independent blocks of at most 64 KB, the checksum of that, one block, the end. */
function inLz4Frame(content: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE((content.length | 0x8000_0000) >>> 0);
  return Buffer.concat([Buffer.from('04224d18604082', 'hex'), size, content, Buffer.alloc(4)]);
}

const before = CompressionCodecs[CompressionTypes.LZ4];

beforeAll(() => {
  const compress = async ({ buffer }: { buffer: Buffer }) => inLz4Frame(buffer);
  const decompress = before;
  CompressionCodecs[CompressionTypes.LZ4] = () => ({ compress, decompress });
});

afterAll(() => {
  CompressionCodecs[CompressionTypes.LZ4] = before;
});

async function readBack(brokers: readonly string[], settings: WantedTopic['settings']): Promise<FrameRecord[]> {
  const topic = `frames-${randomUUID()}`;
  await createTopics({ brokers }, [{ topic, partitions: 1, ...(settings && { settings }) }]);
  const producer: Producer = createClient({ brokers }).producer();
  await producer.connect();
  const send = (compression: CompressionTypes, ...values: string[]) =>
    producer.send({ topic, compression, messages: values.map((value) => ({ value })) });
  await send(CompressionTypes.None, 'before');
  await send(CompressionTypes.LZ4, 'one', 'two', 'three');
  await send(CompressionTypes.GZIP, 'after');
  await producer.disconnect();
  const records: FrameRecord[] = [];
  const problems: string[] = [];
  const source = new KafkaFrameSource({ brokers, topic, groupId: randomUUID() });
  await source.start({
    assigned: () => {},
    revoked: () => {},
    records: (some) => records.push(...some),
    failed: (error) => problems.push(error.message),
  });
  await until(() => records.at(-1)?.offset === 4n || problems.length > 0);
  await source.stop();
  expect(problems).toEqual([]);
  return records;
}

const textOf = ({ value }: FrameRecord) => (value === null ? null : Buffer.from(value).toString());

test('in a topic of others it comes as one record that says so; in ours the broker has unpacked it', async ({
  skip,
}) => {
  const servers = await realServers();
  if (servers === null) return skip('no server');
  const brokers = servers.kafkaBrokers;
  const theirs = await readBack(brokers, undefined);
  expect(theirs.map((record) => [record.offset, textOf(record)])).toEqual([
    [0n, 'before'],
    [3n, null],
    [4n, 'after'],
  ]);
  expect(theirs.map(({ unreadable }) => unreadable?.replace(/^.*: /, ''))).toEqual([
    undefined,
    'LZ4 compression not implemented',
    undefined,
  ]);
  const ours = await readBack(brokers, FRAMES_SETTINGS);
  expect(ours.map(textOf)).toEqual(['before', 'one', 'two', 'three', 'after']);
});
