// A worker on real Kafka holds one slow frame while later ones end, and is killed: the next worker loses none, and runs none again
// whose settlement was committed. The only thing that outlives the first worker is its commit.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { createClient } from '../../src/adapters/kafka/client.ts';
import { readCommittedOffsets } from '../../src/adapters/kafka/committed-offsets.ts';
import { KafkaFrameSender } from '../../src/adapters/kafka/frame-sender.ts';
import { KafkaResultReader } from '../../src/adapters/kafka/result-reader.ts';
import { createTopics } from '../../src/adapters/kafka/topics.ts';
import { decodeOffsetMap } from '../../src/core/offset-map.ts';
import { realServers } from '../helpers/servers/servers.ts';
import type { TakeoverWorkerOptions } from '../helpers/takeover-worker.ts';
import { until } from '../helpers/until.ts';

const SLOW_AT = 20;
const EARLY = 600;
const LATE = 400;
const LONGEST_MS = 60_000;

let cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
  cleanUps = [];
});

function startWorker(options: TakeoverWorkerOptions): { process: ChildProcess; heard: () => string } {
  const arguments_ = ['--import', 'tsx', 'test/helpers/takeover-worker.ts', JSON.stringify(options)];
  const child = spawn(process.execPath, arguments_, { stdio: ['ignore', 'pipe', 'pipe'] });
  cleanUps.push(() => child.kill('SIGKILL'));
  let heard = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
    });
  return { process: child, heard: () => heard };
}

test('frames that ended behind a slow one are neither lost nor run again when their worker is killed', async ({
  skip,
}) => {
  const servers = await realServers();
  if (servers === null) return skip('no server');
  const brokers = servers.kafkaBrokers;
  const topic = `takeover-${randomUUID()}`;
  const groupId = `workers-of-${topic}`;
  const resultTopics = { coarse: `${topic}.coarse`, refined: `${topic}.refined`, deadLetters: `${topic}.dlq` };
  await createTopics(
    { brokers },
    [topic, ...Object.values(resultTopics)].map((name) => ({ topic: name, partitions: 1 })),
  );

  const admin = createClient({ brokers }).admin();
  await admin.connect();
  cleanUps.push(() => admin.disconnect());
  const readCommit = async () => {
    const asked = { groupId, topic, timeoutMs: 10_000, isWanted: () => true };
    const { offset, metadata } = (await readCommittedOffsets(admin, asked)).get(0) ?? { offset: 0n, metadata: null };
    const { settled, problem } = decodeOffsetMap(metadata, offset);
    expect(problem).toBeNull();
    const isTold = (one: bigint) => one < offset || settled.some(({ from, to }) => from <= one && one < to);
    return { offset, isTold };
  };

  /** Result records of each frame, by its offset. */
  const results = new Map<bigint, number>();
  const finals = new Set<bigint>();

  const sender = new KafkaFrameSender({ brokers, topic });
  await sender.start();
  cleanUps.push(() => sender.stop());
  const frames = (count: number, slowAt = -1) =>
    Array.from({ length: count }, (_, i) => ({ key: null, value: Uint8Array.of(i === slowAt ? 1 : 2), headers: {} }));
  await sender.send(frames(EARLY, SLOW_AT));

  const options = { brokers, topic, groupId, resultTopics };
  const first = startWorker({ ...options, isStuck: true });
  await until(async () => {
    if (first.process.exitCode !== null) throw new Error(`The first worker ended: ${first.heard()}`);
    return (await readCommit()).isTold(BigInt(EARLY - 1));
  }, LONGEST_MS);
  const reader = new KafkaResultReader({ brokers, topics: resultTopics, from: 'beginning' });
  await reader.start({
    records(records) {
      for (const { result } of records) {
        if (result === null) continue;
        const offset = BigInt(result.id.slice(`${topic}-0-`.length));
        results.set(offset, (results.get(offset) ?? 0) + 1);
        if (result.final) finals.add(offset);
      }
    },
    failed() {},
  });
  cleanUps.push(() => reader.stop());

  // Killed with work in hand: some of these have ended, some of their ends are committed, some frames have not begun.
  await sender.send(frames(LATE));
  await until(() => finals.size > EARLY, LONGEST_MS);
  first.process.kill('SIGKILL');
  await once(first.process, 'exit');

  const left = await readCommit();
  expect(left.offset).toBe(BigInt(SLOW_AT));
  const all = Array.from({ length: EARLY + LATE }, (_, i) => BigInt(i));
  const told = all.filter(left.isTold);
  expect(told.length).toBeGreaterThanOrEqual(EARLY - 1);
  expect(told).not.toContain(BigInt(SLOW_AT));
  await until(() => told.every((offset) => finals.has(offset)), LONGEST_MS);
  const before = new Map(told.map((offset) => [offset, results.get(offset)]));

  const second = startWorker({ ...options, isStuck: false });
  await until(async () => {
    if (second.process.exitCode !== null) throw new Error(`The second worker ended: ${second.heard()}`);
    return (await readCommit()).offset === BigInt(EARLY + LATE);
  }, LONGEST_MS);
  await until(() => finals.size === EARLY + LATE, LONGEST_MS);
  expect(new Map(told.map((offset) => [offset, results.get(offset)]))).toEqual(before);
  const skipped = second.heard().match(/^skipped \S+ already-settled$/gm) ?? [];
  expect(skipped).toHaveLength(told.filter((offset) => offset > BigInt(SLOW_AT)).length);
}, 180_000);
