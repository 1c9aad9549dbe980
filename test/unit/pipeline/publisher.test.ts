// What the worker says and settles while Kafka fails: the real sink and producer on a stand-in for kafkajs, which keeps in the log
// what it takes.
import type { ProducerBatch } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { KafkaResultSink } from '../../../src/adapters/kafka/result-sink.ts';
import { MemoryFrameSource } from '../../../src/adapters/memory/frame-source.ts';
import { MemoryLog } from '../../../src/adapters/memory/log.ts';
import { AnytimeError } from '../../../src/errors.ts';
import { fakeKafka } from '../../fakes/kafkajs.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { type Harness, image, useHarnesses } from '../../helpers/pipeline-harness.ts';

const start = useHarnesses();
const cut = new Error('socket closed');
const timeOut = Object.assign(new Error('Request timed out'), { name: 'KafkaJSRequestTimeoutError', retriable: true });

/** `broker` is asked of every request, in order, with its topics: what it is to throw, before or after it has kept the records; undefined = nothing. */
function kafkaSink(
  broker: (request: number, topics: readonly string[]) => { error: Error; isKept: boolean } | undefined,
) {
  const clock = new ManualClock();
  const log = new MemoryLog(clock);
  for (const topic of ['frames', 'frames.coarse', 'frames.refined', 'frames.dlq']) log.createTopic(topic, 1);
  let requests = 0;
  const keep = ({ topicMessages }: ProducerBatch) => {
    for (const { topic, messages } of topicMessages ?? [])
      for (const { key, value } of messages)
        log.append(topic, { key: key as Uint8Array | null, value: value as Uint8Array, headers: {} });
  };
  const { kafka, producers } = fakeKafka(async (batch) => {
    requests += 1;
    const fault = broker(requests, batch.topicMessages?.map(({ topic }) => topic) ?? []);
    if (fault === undefined || fault.isKept) keep(batch);
    if (fault !== undefined) throw fault.error;
  });
  const sink = new KafkaResultSink({ brokers: ['nowhere:1'] }, () => kafka);
  return { clock, log, sink, producers };
}

const published = ({ seen }: Harness) => seen.flatMap((event) => (event.type === 'published' ? [event.result] : []));
const retries = ({ seen }: Harness) =>
  seen.filter((event) => event.type === 'retry' && event.what !== 'commit offsets');

describe('while publishing fails', () => {
  it('n times: it is tried again with back-off, and until then nothing counts as published or settled', async () => {
    const { sink, ...world } = kafkaSink((request) => (request <= 5 ? { error: cut, isKept: false } : undefined));
    const harness = await start({ ...world, ports: { sink } });
    harness.send(image(0, 95), { ce_id: 'a' });
    await harness.until(() => retries(harness).length === 5);
    expect(published(harness)).toEqual([]);
    expect(harness.committed() ?? 0n).toBe(0n);
    expect(harness.pipeline.heldFrames).toBe(1);
    await harness.until(() => harness.committed() === 1n);
    expect(retries(harness).map((event) => event.type === 'retry' && event.inMs)).toEqual([100, 200, 400, 800, 1600]);
    expect(harness.results('a')).toMatchObject([{ final: true, label: 'cat' }]);
    expect(published(harness)).toHaveLength(1);
  });

  it('with an unknown outcome: sent again under a new identity; a duplicate perhaps, never a step back', async () => {
    const { sink, producers, ...world } = kafkaSink((request) =>
      request === 1 || request === 3 ? { error: timeOut, isKept: true } : undefined,
    );
    const harness = await start({ ...world, ports: { sink } });
    harness.send(image(1, 30, 40, 50, 60), { ce_id: 'a' });
    await harness.until(() => harness.committed() === 1n);
    const stages = harness.results('a').map(({ stage }) => stage);
    expect(new Set(stages)).toEqual(new Set([1, 2, 3, 4]));
    expect(stages).toEqual([...stages].sort((a, b) => a - b));
    expect(stages.length).toBeGreaterThan(4); // the two requests were kept twice
    expect(producers).toHaveLength(3);
    expect(published(harness).map(({ stage }) => stage)).toEqual([1, 2, 3, 4]);
  });

  it('for good: the worker says so and ends; nothing is settled', async () => {
    const refused = Object.assign(new Error('not allowed'), { name: 'KafkaJSProtocolError', retriable: false });
    const { sink, ...world } = kafkaSink(() => ({ error: refused, isKept: false }));
    const harness = await start({ ...world, ports: { sink } });
    harness.send(image(0, 95), { ce_id: 'a' });
    await expect(harness.until(() => harness.seen.some(({ type }) => type === 'failed'))).resolves.toBeUndefined();
    await expect(harness.pipeline.broken).rejects.toMatchObject({ code: 'broker-unavailable', retriable: false });
    expect(published(harness)).toEqual([]);
    expect(harness.committed() ?? 0n).toBe(0n);
  });

  it('of dead letters only: no answer waits for them, and an end says that its letter is out', async () => {
    let isAllowed = false;
    const notAllowed = Object.assign(new Error('not allowed'), { name: 'KafkaJSProtocolError', retriable: false });
    const { sink, ...world } = kafkaSink((_, topics) =>
      topics.includes('frames.dlq') && !isAllowed ? { error: notAllowed, isKept: false } : undefined,
    );
    const harness = await start({ ...world, ports: { sink } });
    harness.send(Uint8Array.of(77), { ce_id: 'noise' });
    await harness.until(() => retries(harness).length >= 2);
    for (let n = 0; n < 20; n++) harness.send(image(0, 95), { ce_id: `good-${n}` });
    await harness.until(() => published(harness).length === 20);
    expect(harness.results('noise')).toEqual([]);
    expect(harness.committed() ?? 0n).toBe(0n);
    expect(harness.seen.filter(({ type }) => type === 'failed')).toEqual([]);
    isAllowed = true;
    await harness.until(() => harness.committed() === 21n, 20_000);
    expect(harness.deadLetters()).toBe(1);
    expect(harness.results('noise')).toMatchObject([{ exit: 'rejected', final: true }]);
    const told = harness.seen.map((event) =>
      event.type === 'dead-lettered'
        ? 'letter'
        : event.type === 'published' && event.result.id === 'noise'
          ? 'end'
          : '',
    );
    expect(told.filter((one) => one !== '')).toEqual(['letter', 'end']);
  });

  it('until others have the partition: what is stale is not said any more, and is not settled here', async () => {
    let isAway = true;
    const { sink, ...world } = kafkaSink(() => (isAway ? { error: cut, isKept: false } : undefined));
    const source = new MemoryFrameSource({ log: world.log, topic: 'frames', groupId: 'workers' });
    const startSource = source.start.bind(source);
    let revoke = () => {};
    source.start = (handlers) => {
      revoke = () => handlers.revoked([{ topic: 'frames', partition: 0 }]);
      return startSource(handlers);
    };
    const harness = await start({ ...world, ports: { sink, source } });
    harness.send(image(0, 95), { ce_id: 'a' });
    harness.send(Uint8Array.of(77), { ce_id: 'noise' });
    await harness.until(() => retries(harness).length >= 3);
    revoke(); // the session was over before the broker was back
    isAway = false;
    const before = harness.seen.length;
    for (let ms = 0; ms < 6000; ms++) {
      harness.clock.advance(1);
      if (ms % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(harness.seen.slice(before).filter(({ type }) => type === 'published' || type === 'dead-lettered')).toEqual(
      [],
    );
    expect(harness.results()).toEqual([]);
    expect(harness.deadLetters()).toBe(0);
    expect(harness.committed() ?? 0n).toBe(0n);
  });

  it('and the worker drains: it leaves in its grace time, is no failure, and leaves the frames to others', async () => {
    const { sink, ...world } = kafkaSink(() => ({ error: cut, isKept: false }));
    const harness = await start({ ...world, ports: { sink } });
    harness.send(image(0, 95), { ce_id: 'a' });
    await harness.until(() => retries(harness).length >= 1);
    const from = harness.clock.now();
    let leftAfterMs: number | null = null;
    void harness.pipeline.drain(2000).then(() => {
      leftAfterMs = harness.clock.now() - from;
    });
    await harness.until(() => leftAfterMs !== null, 20_000);
    expect(leftAfterMs).toBeLessThanOrEqual(2000 + 2 * 1000 + 50); // the grace, then a second each for results and commit
    expect(harness.seen.filter(({ type }) => type === 'failed')).toEqual([]);
    expect(harness.committed() ?? 0n).toBe(0n);
  });
});

it('a commit that fails is made again; until then the offset does not count as committed', async () => {
  const clock = new ManualClock();
  const log = new MemoryLog(clock);
  log.createTopic('frames', 1);
  const source = new MemoryFrameSource({ log, topic: 'frames', groupId: 'workers' });
  const commit = source.commit.bind(source);
  let failures = 4;
  source.commit = async (commits) => {
    if (failures-- > 0) throw new AnytimeError('broker-unavailable', 'no coordinator', { retriable: true });
    return await commit(commits);
  };
  const harness = await start({ clock, log, ports: { source } });
  for (let n = 0; n < 5; n++) harness.send(image(0, 95));
  await harness.until(() => failures === 1);
  expect(harness.seen.filter(({ type }) => type === 'committed')).toEqual([]);
  await harness.until(() => harness.committed() === 5n);
  expect(harness.seen.filter((event) => event.type === 'retry' && event.what === 'commit offsets')).toHaveLength(4);
  expect(harness.results()).toHaveLength(5); // nothing was done again for it
});
