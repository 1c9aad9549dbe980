// A worker (fake engine, real Kafka) whose connections are cut in mid-stream: it comes back by itself, and every frame ends. Cut for
// less than its session it keeps what it holds; cut for longer, the group takes its partitions, and it begins anew.
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createClient, type KafkaOptions } from '../../src/adapters/kafka/client.ts';
import { KafkaFrameSender } from '../../src/adapters/kafka/frame-sender.ts';
import { KafkaFrameSource } from '../../src/adapters/kafka/frame-source.ts';
import { KafkaResultReader } from '../../src/adapters/kafka/result-reader.ts';
import { KafkaResultSink } from '../../src/adapters/kafka/result-sink.ts';
import { createTopics } from '../../src/adapters/kafka/topics.ts';
import type { ResultValue } from '../../src/core/result.ts';
import { WallClock } from '../fakes/wall-clock.ts';
import { image, startHarness } from '../helpers/pipeline-harness.ts';
import { utf8 } from '../helpers/records.ts';
import { realServers } from '../helpers/servers/servers.ts';
import { TcpProxy } from '../helpers/tcp-proxy.ts';
import { until } from '../helpers/until.ts';

const FRAMES = 600;
const PER_SECOND = 100;

const CUTS = [
  { name: 'for less than its session', cutMs: 3000, sessionTimeoutMs: 30_000, isRevoked: false },
  { name: 'for longer than its session', cutMs: 9000, sessionTimeoutMs: 6000, isRevoked: true },
];

test.for(CUTS)(
  'connections cut $name: nothing is lost, no answer steps back',
  { timeout: 120_000 },
  async ({ cutMs, sessionTimeoutMs, isRevoked }, { skip }) => {
    const servers = await realServers();
    if (servers === null) return skip('no server');
    const brokers = servers.kafkaBrokers;
    const run = randomUUID();
    const [topic, groupId] = [`frames-${run}`, `workers-${run}`];
    const topics = { coarse: `coarse-${run}`, refined: `refined-${run}`, deadLetters: `dlq-${run}` };
    await createTopics(
      { brokers },
      [topic, ...Object.values(topics)].map((name) => ({ topic: name, partitions: 2 })),
    );

    // All of the worker's connections lead through the door, whatever address the broker gives of itself.
    const [host = '', port] = brokers[0]?.split(':') ?? [];
    const door = new TcpProxy(host, Number(port));
    await door.open();
    const throughDoor: KafkaOptions = {
      brokers,
      clientConfig: {
        socketFactory: ({ onConnect }) => connect({ host: '127.0.0.1', port: door.port }, onConnect).setNoDelay(true),
      },
    };
    const consumerConfig = { sessionTimeout: sessionTimeoutMs };
    const source = new KafkaFrameSource({ ...throughDoor, topic, groupId, consumerConfig });
    const sink = new KafkaResultSink({ ...throughDoor, topics });
    const harness = await startHarness({ clock: new WallClock(), ports: { source, sink }, costMs: () => 2 });
    const sender = new KafkaFrameSender({ brokers, topic });
    const reader = new KafkaResultReader({ brokers, topics, from: 'beginning' });
    const received: { topic: string; result: ResultValue }[] = [];
    try {
      await reader.start({
        records(records) {
          for (const { topic: from, result } of records) if (result !== null) received.push({ topic: from, result });
        },
        failed: (error) => expect.unreachable(error.message),
      });
      await sender.start();
      let wasCut = false;
      let saidWhileCut: number | null = null;
      for (let sent = 0; sent < FRAMES; sent += 10) {
        const frames = Array.from({ length: 10 }, (_, i) => ({
          key: null,
          value: image(1, 30, 40, 50, 60),
          headers: { ce_id: utf8(`f${sent + i}`) },
        }));
        await sender.send(frames);
        await pause(10_000 / PER_SECOND);
        if (wasCut || sent < FRAMES / 3) continue;
        wasCut = true;
        await door.shut();
        const saidNow = () => harness.seen.filter((event) => event.type === 'published').length;
        const whenCut = pause(500).then(saidNow);
        void pause(cutMs).then(async () => {
          saidWhileCut = saidNow() - (await whenCut);
          await door.open();
        });
      }
      const ended = () => new Set(received.flatMap(({ result }) => (result.final ? [result.id] : [])));
      await until(() => ended().size === FRAMES, 25_000); // well below the longer session timeout: its place in the group was kept
      expect(saidWhileCut).toBe(0); // the cut was felt
      expect(harness.seen.filter(({ type }) => type === 'failed')).toEqual([]);
      expect(harness.seen.some(({ type }) => type === 'revoked')).toBe(isRevoked);
      for (const name of [topics.coarse, topics.refined]) {
        const highest = new Map<string, number>();
        for (const { result } of received.filter((record) => record.topic === name)) {
          expect(result.stage).toBeGreaterThanOrEqual(highest.get(result.id) ?? 0);
          highest.set(result.id, result.stage);
        }
      }
      const published = () => harness.seen.filter((event) => event.type === 'published' && event.result.final);
      await until(() => published().length >= FRAMES || isRevoked);
      if (!isRevoked) expect(published()).toHaveLength(FRAMES); // nothing was done again
      await until(async () => (await committedFrames(brokers, groupId, topic)) === FRAMES);
    } finally {
      await harness.pipeline.abort();
      await Promise.allSettled([sender.stop(), reader.stop()]);
      await door.shut();
    }
  },
);

async function committedFrames(brokers: readonly string[], groupId: string, topic: string): Promise<number> {
  const admin = createClient({ brokers }).admin();
  await admin.connect();
  try {
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
    return (offsets?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
  } finally {
    await admin.disconnect();
  }
}
