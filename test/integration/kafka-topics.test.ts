// Topics made on request, and what the probe tells of a broker.
import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { KafkaFrameSender } from '../../src/adapters/kafka/frame-sender.ts';
import { KafkaFrameSource } from '../../src/adapters/kafka/frame-source.ts';
import { askBroker, probeBroker } from '../../src/adapters/kafka/probe.ts';
import { KafkaResultReader } from '../../src/adapters/kafka/result-reader.ts';
import { KafkaResultSink } from '../../src/adapters/kafka/result-sink.ts';
import { createTopics, DEAD_LETTER_SETTINGS } from '../../src/adapters/kafka/topics.ts';
import { AnytimeError } from '../../src/errors.ts';
import type { ReceivedRecord } from '../../src/ports.ts';
import { frameRecord } from '../helpers/records.ts';
import { realServers } from '../helpers/servers/servers.ts';
import { until } from '../helpers/until.ts';

/** Nothing listens there. */
const NOWHERE = ['127.0.0.1:1'];
let brokers: readonly string[];

beforeEach(async ({ skip }) => {
  const servers = await realServers();
  if (servers === null) return skip('no server');
  brokers = servers.kafkaBrokers;
});

test('missing topics are made, existing ones stay, fewer partitions than wanted are told', async () => {
  const topic = `t-${randomUUID()}`;
  expect(await createTopics({ brokers }, [{ topic, partitions: 3 }])).toEqual([
    { topic, partitions: 3, isNew: true, hasFewer: false },
  ]);
  const other = `t-${randomUUID()}`;
  const wanted = [
    { topic, partitions: 5 },
    { topic: other, partitions: 1 },
  ];
  expect(await createTopics({ brokers }, wanted)).toEqual([
    { topic, partitions: 3, isNew: false, hasFewer: true },
    { topic: other, partitions: 1, isNew: true, hasFewer: false },
  ]);
});

test('two workers that make the same topics at once both succeed', async () => {
  const wanted = Array.from({ length: 3 }, () => ({ topic: `t-${randomUUID()}`, partitions: 2 }));
  const states = await Promise.all([1, 2].map(() => createTopics({ brokers }, wanted)));
  for (const state of states) expect(state.map(({ partitions }) => partitions)).toEqual([2, 2, 2]);
});

test('a number of partitions that is none is an error before anything is asked', async () => {
  const wanted = [{ topic: 't', partitions: 0 }];
  await expect(createTopics({ brokers: NOWHERE }, wanted)).rejects.toMatchObject({ code: 'bad-argument' });
});

test('the probe tells the cluster, its topics, and the requests it offers', async () => {
  const topic = `t-${randomUUID()}`;
  await createTopics({ brokers }, [{ topic, partitions: 2 }]);
  const report = await probeBroker({ brokers });
  expect(report.topics).toContainEqual({ name: topic, partitions: 2 });
  expect(report.brokers.length).toBeGreaterThan(0);
  expect(report.apis.filter(({ isUsable }) => !isUsable)).toEqual([]);
});

test('with no broker there, everything says so', async () => {
  const retry = { retries: 1, initialRetryTime: 10 };
  const options = { brokers: NOWHERE, clientConfig: { retry, connectionTimeout: 200 } };
  const away = { code: 'broker-unavailable' };
  await expect(askBroker(NOWHERE)).rejects.toMatchObject(away);
  await expect(probeBroker(options)).rejects.toMatchObject(away);
  await expect(new KafkaFrameSender({ ...options, topic: 'frames' }).start()).rejects.toMatchObject(away);
  const source = new KafkaFrameSource({ ...options, topic: 'frames', groupId: 'g' });
  const handlers = { assigned() {}, revoked() {}, records() {}, failed() {} };
  await expect(source.start(handlers)).rejects.toMatchObject(away);
});

test('a source of a topic that is not there says how to make it', async () => {
  const source = new KafkaFrameSource({ brokers, topic: `t-${randomUUID()}`, groupId: 'g' });
  const handlers = { assigned() {}, revoked() {}, records() {}, failed() {} };
  await expect(source.start(handlers)).rejects.toThrow('`anytime worker --create-topics` makes it');
});

test('a sink of which one topic is not there says which, and how to make it', async () => {
  const names = { coarse: `c-${randomUUID()}`, refined: `r-${randomUUID()}`, deadLetters: `d-${randomUUID()}` };
  await createTopics(
    { brokers },
    [names.coarse, names.refined].map((topic) => ({ topic, partitions: 1 })),
  );
  const sink = new KafkaResultSink({ brokers, topics: names });
  await expect(sink.start()).rejects.toThrow(
    `"${names.deadLetters}" to exist, and to be open to this user; \`anytime worker --create-topics\` makes it`,
  );
  await sink.stop();
});

test('the largest frame that a topic takes still fits the dead-letter topic with its reason', async () => {
  const names = { coarse: `c-${randomUUID()}`, refined: `r-${randomUUID()}`, deadLetters: `d-${randomUUID()}` };
  const settings = DEAD_LETTER_SETTINGS;
  await createTopics({ brokers }, [
    { topic: names.deadLetters, partitions: 1, settings },
    ...[names.coarse, names.refined].map((topic) => ({ topic, partitions: 1 })),
  ]);
  const sink = new KafkaResultSink({ brokers, topics: names });
  try {
    await sink.start();
    const value = new Uint8Array(1_048_000);
    const reason = new AnytimeError('bad-image', 'x'.repeat(2000));
    await sink.deadLetter([{ record: frameRecord({ value }), reason, step: 'decode' }]);
    const received: ReceivedRecord[] = [];
    const reader = new KafkaResultReader({ brokers, topics: names, from: 'beginning' });
    await reader.start({
      records: (some) => received.push(...some),
      failed: (error) => expect.unreachable(error.message),
    });
    await until(() => received.length > 0).finally(() => reader.stop());
    expect(received[0]?.value).toHaveLength(value.length);
  } finally {
    await sink.stop();
  }
});
