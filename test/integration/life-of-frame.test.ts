// What a chaos run that fails prints: which frames went wrong, the seed, and all that the topics hold of them with the faults around it.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { KafkaFrameSender } from '../../src/adapters/kafka/frame-sender.ts';
import { KafkaResultSink } from '../../src/adapters/kafka/result-sink.ts';
import { createTopics } from '../../src/adapters/kafka/topics.ts';
import { tellLives } from '../../src/cli/chaos/life-of-frame.ts';
import { ASK_NOTHING, frameRecordOf } from '../../src/cli/frame-record-of.ts';
import { AnytimeError } from '../../src/errors.ts';
import { frameRecord, resultRecord, utf8 } from '../helpers/records.ts';
import { realServers } from '../helpers/servers/servers.ts';

const WRONG = 'chaos-7';

test('a run that fails prints its seed and the lives of the frames that went wrong', async ({ skip }) => {
  const servers = await realServers();
  if (servers === null) return skip('no server');
  const brokers = servers.kafkaBrokers;
  const run = randomUUID();
  const framesTopic = `frames-${run}`;
  const topics = { coarse: `coarse-${run}`, refined: `refined-${run}`, deadLetters: `dlq-${run}` };
  await createTopics(
    { brokers },
    [framesTopic, ...Object.values(topics)].map((topic) => ({ topic, partitions: 1 })),
  );
  const sender = new KafkaFrameSender({ brokers, topic: framesTopic });
  const sink = new KafkaResultSink({ brokers, topics });
  const startAt = Date.now();
  await Promise.all([sender.start(), sink.start()]);
  const frameOf = (id: string) => frameRecordOf({ id, label: null, bytes: utf8('x') }, ASK_NOTHING, Date.now());
  await sender.send([frameOf('chaos-6'), frameOf(WRONG)]);
  const answer = (id: string, stage: number, more: object = {}) => {
    const publishedAt = Date.now();
    return resultRecord({ id, stage, receivedAt: publishedAt - 5, publishedAt, ...more });
  };
  await sink.publish([answer('chaos-6', 1), answer(WRONG, 1)]);
  await sink.publish([answer(WRONG, 3, { final: true, exit: 'confident' })]);
  await sink.publish([answer(WRONG, 2, { degraded: ['budget-store'] })]);
  const letter = frameRecord({ topic: framesTopic, headers: { ce_id: utf8(WRONG) }, timestamp: Date.now() });
  await sink.deadLetter([
    { record: letter, reason: new AnytimeError('bad-image', 'Expected an image'), step: 'decode' },
  ]);
  const said: string[] = [];
  const faults = [
    { at: Date.now(), kind: 'sigkill', target: 'worker-2' },
    { at: Date.now() + 600_000, kind: 'sigterm', target: 'worker-3' },
  ] as const;
  const where = { brokers, field: { framesTopic, topics }, injected: faults, startAt };
  const wrong = { lost: [], steppedBack: [7] };
  await tellLives({ ...where, wrong, seed: 31, say: (line) => said.push(line) });
  await Promise.all([sender.stop(), sink.stop()]);

  expect(said.slice(0, 3)).toEqual(['steppedBack: 7', 'Seed 31.', `Life of frame ${WRONG}:`]);
  const life = said.slice(3);
  const has = (...parts: string[]) => life.filter((line) => parts.every((part) => line.includes(part))).length;
  expect(has(`${framesTopic}/0@1 sent`)).toBe(1);
  expect(has(`${topics.coarse}/0@1 stage 1`, 'taken 5 ms before', 'appended')).toBe(1);
  expect(has(`${topics.refined}/0@0 stage 3`, 'final (confident)')).toBe(1);
  expect(has(`${topics.refined}/0@1 stage 2`, 'without budget-store')).toBe(1);
  expect(has(`${topics.deadLetters}/0@0 dead letter: Expected an image`)).toBe(1);
  expect(has('(sigkill worker-2)')).toBe(1);
  expect(life, said.join('\n')).toHaveLength(6);
  const times = life.map((line) => Number(line.split(' ms')[0]));
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test('nothing is said where nothing went wrong', async () => {
  const where = { brokers: ['127.0.0.1:1'], injected: [], startAt: 0, seed: 1 };
  const field = { framesTopic: 'f', topics: { coarse: 'c', refined: 'r', deadLetters: 'd' } };
  const said: string[] = [];
  await tellLives({ ...where, field, wrong: { lost: [] }, say: (line) => said.push(line) });
  expect(said).toEqual([]);
});
