// Everything that can be wrong with a frame, through real Kafka and Redis and a real engine, between good frames: each bad one is
// accounted for, and every good one gets its answers.
import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { KafkaFrameSender } from '../../src/adapters/kafka/frame-sender.ts';
import { KafkaResultReader } from '../../src/adapters/kafka/result-reader.ts';
import { createTopics } from '../../src/adapters/kafka/topics.ts';
import { loadConfig } from '../../src/config.ts';
import type { PipelineEvent } from '../../src/core/events.ts';
import type { OutgoingRecord, ReceivedRecord } from '../../src/ports.ts';
import { runStreamWorker } from '../../workers/stream-worker.ts';
import { hugePng } from '../helpers/huge-png.ts';
import { EVERY_KIND, randomBundle, withBundleFolder } from '../helpers/random-bundle.ts';
import { utf8 } from '../helpers/records.ts';
import { realServers } from '../helpers/servers/servers.ts';
import { until } from '../helpers/until.ts';

interface Case {
  readonly name: string;
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string;
  /** What must come of it: full answers, a dead letter whose message matches, or an expired result. */
  readonly comes: 'answers' | 'expired' | RegExp;
}

const colour = { r: 200, g: 90, b: 30 };
const jpeg = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: colour } })
    .jpeg()
    .toBuffer();

async function cases(): Promise<Case[]> {
  const good = await jpeg(14, 14);
  const grey = await sharp(good).greyscale().png().toBuffer();
  const side = { width: '14', height: '14' };
  const raw = { 'content-type': 'application/x-raw-rgb24' };
  return [
    { name: 'noise', value: Uint8Array.from({ length: 500 }, (_, i) => (i * 31) % 256), comes: /JPEG, PNG/ },
    { name: 'truncated', value: good.subarray(0, good.length / 2), comes: /decod|truncat|JPEG|image/i },
    { name: 'huge', value: hugePng(40_000, 40_000), comes: /pixels/ },
    { name: 'empty', value: new Uint8Array(), comes: /0 bytes/ },
    { name: 'null value', value: null, comes: /got null/ },
    { name: 'svg', value: utf8('<svg xmlns="http://www.w3.org/2000/svg"/>'), comes: /JPEG, PNG/ },
    {
      name: 'bad budget',
      value: good,
      headers: { budget: 'fast' },
      comes: /`budget` to be a number of passes above 0, got "fast"/,
    },
    { name: 'bad deadline', value: good, headers: { deadline: 'soon' }, comes: /`deadline`/ },
    { name: 'bad trace', value: good, headers: { traceparent: 'x' }, comes: /`traceparent`/ },
    { name: 'raw, wrong length', value: new Uint8Array(10), headers: { ...raw, ...side }, comes: /588 bytes/ },
    { name: 'raw, no size', value: new Uint8Array(10), headers: raw, comes: /`width`/ },
    { name: 'past deadline', value: good, headers: { deadline: '1000' }, comes: 'expired' },
    { name: 'null key', value: good, comes: 'answers' },
    { name: 'another size', value: await jpeg(300, 200), key: 'camera', comes: 'answers' },
    { name: 'grey-scale', value: grey, comes: 'answers' },
    { name: 'raw pixels', value: new Uint8Array(14 * 14 * 3), headers: { ...raw, ...side }, comes: 'answers' },
  ];
}

test('bad frames are accounted for, good ones between them unaffected', { timeout: 90_000 }, async ({ skip }) => {
  const servers = await realServers();
  if (servers === null) return skip('no server');
  const run = randomUUID().slice(0, 8);
  const topics = { coarse: `${run}.coarse`, refined: `${run}.refined`, deadLetters: `${run}.dlq` };
  const config = loadConfig({
    environment: {},
    flags: {
      kafkaBrokers: servers.kafkaBrokers,
      redisUrl: servers.redisUrl,
      redisPrefix: run,
      group: run,
      framesTopic: `${run}.frames`,
      coarseTopic: topics.coarse,
      refinedTopic: topics.refined,
      deadLetterTopic: topics.deadLetters,
      deadlineMs: 'none',
      minConfidence: 1,
      backend: 'wasm',
    },
  });
  const { kafkaBrokers: brokers, framesTopic } = config;
  const names = [framesTopic, ...Object.values(topics)];
  await createTopics(
    { brokers },
    names.map((topic) => ({ topic, partitions: topic === topics.deadLetters ? 1 : 2 })),
  );

  const all = (await cases()).flatMap((one, i) => [
    one,
    { name: `good ${i}`, value: one.value, comes: 'answers' as const, isGood: true },
  ]);
  const plain = await jpeg(14, 14);
  const sent = all.map((one) => ('isGood' in one ? { ...one, value: plain } : one) as Case);
  const outgoing: OutgoingRecord[] = sent.map(({ name, value, headers, key }) => ({
    key: key === undefined ? null : utf8(key),
    value,
    headers: Object.fromEntries(Object.entries({ ce_id: name, ...headers }).map(([h, text]) => [h, utf8(text)])),
  }));
  const bare: OutgoingRecord = { key: null, value: plain, headers: {} };

  const received: ReceivedRecord[] = [];
  const reader = new KafkaResultReader({ brokers, topics, from: 'beginning' });
  await reader.start({
    records: (records) => received.push(...records),
    failed: (error) => {
      throw error;
    },
  });
  const sender = new KafkaFrameSender({ brokers, topic: framesTopic });
  await sender.start();
  const events: PipelineEvent[] = [];
  const drain = new AbortController();
  await withBundleFolder(randomBundle(EVERY_KIND, 1), async (model) => {
    const never = new AbortController().signal;
    const worker = runStreamWorker(
      { ...config, model },
      { events: { emit: (event) => events.push(event) }, partitions: null, drain: drain.signal, abort: never },
    );
    await sender.send([...outgoing, bare]);
    const finals = () => new Set(received.flatMap(({ result }) => (result?.final ? [result.id] : [])));
    await Promise.race([until(() => finals().size === sent.length + 1, 60_000), worker]);
    drain.abort();
    await worker;
  });
  await sender.stop();
  await reader.stop();

  const resultsOf = (id: string) => received.flatMap(({ result }) => (result?.id === id ? [result] : []));
  const letters = received.filter(({ topic }) => topic === topics.deadLetters);
  const textOf = (record: ReceivedRecord, header: string) => Buffer.from(record.headers[header] ?? []).toString();
  for (const { name, value, comes, key } of sent) {
    const results = resultsOf(name);
    const ofIt = letters.filter((letter) => textOf(letter, 'ce_id') === name);
    expect(
      results.filter(({ final }) => final),
      name,
    ).toHaveLength(1);
    if (comes === 'answers') {
      expect(results.map(({ stage }) => stage).sort(), name).toEqual([1, 2, 3, 4, 5]);
      expect(
        results.every(({ label }) => label !== null),
        name,
      ).toBe(true);
      expect(ofIt, name).toEqual([]);
    } else if (comes === 'expired') {
      expect(results, name).toMatchObject([{ exit: 'expired', label: null }]);
      expect(ofIt, name).toEqual([]);
    } else {
      // An id whose own header did not parse is told by its place; here ce_id always parses.
      expect(results, name).toMatchObject([{ exit: 'rejected', label: null }]);
      expect(ofIt, name).toHaveLength(1);
      const [letter] = ofIt as [ReceivedRecord];
      expect(textOf(letter, '__connect.errors.exception.message'), name).toMatch(comes);
      expect(textOf(letter, '__connect.errors.topic'), name).toBe(framesTopic);
      expect(letter.value === null ? null : Buffer.from(letter.value), name).toEqual(
        value === null ? null : Buffer.from(value),
      );
      expect(letter.key === null ? null : Buffer.from(letter.key).toString(), name).toBe(key ?? null);
    }
  }
  const defaultId = received.find(({ result }) => result?.id.startsWith(`${framesTopic}-`))?.result;
  expect(defaultId, 'a bare JPEG is named by its place').toBeDefined();
  expect(letters).toHaveLength(sent.filter(({ comes }) => comes instanceof RegExp).length);
  expect(events.filter(({ type }) => type === 'failed')).toEqual([]);
});
