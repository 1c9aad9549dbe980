// The producer gathers calls, keeps their order, and starts over with a new identity after a failure.
import { createRequire } from 'node:module';
import type { Message } from 'kafkajs';
import { afterEach, expect, test, vi } from 'vitest';
import { KafkaProducer } from '../../../../src/adapters/kafka/producer.ts';
import { fakeKafka, valuesOf } from '../../../fakes/kafkajs.ts';

const to = (topic: string, value: string | Buffer) => ({ topic, message: { key: null, value } });
const refused = Object.assign(new Error('too large'), { name: 'KafkaJSProtocolError', type: 'MESSAGE_TOO_LARGE' });

/** As kafkajs' own code encodes them, when it has the connection to their leader. */
async function encoded(messages: readonly Message[]): Promise<void> {
  const produce = createRequire(import.meta.url)('kafkajs/src/protocol/requests/produce') as {
    protocol(of: { version: number }): (args: object) => { request: { encode(): Promise<unknown> } };
  };
  const topicData = [{ topic: 't', partitions: [{ partition: 0, firstSequence: 0, messages }] }];
  await produce.protocol({ version: 7 })({ acks: -1, timeout: 1000, topicData }).request.encode();
}

test('calls that come while a request is under way go together in the next one, in order', async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { kafka, producers } = fakeKafka(async () => gate);
  const producer = new KafkaProducer(() => kafka);
  await producer.start();
  const calls = ['a', 'b', 'c', 'd'].map((value) => producer.send([to('t', value)]));
  release();
  await Promise.all(calls);
  expect(producers).toHaveLength(1);
  const requests = producers[0]?.requests.map(valuesOf) ?? [];
  expect(requests.flat()).toEqual(['a', 'b', 'c', 'd']);
  expect(requests.length).toBeLessThanOrEqual(2);
  expect(producers[0]?.requests.every(({ acks }) => acks === -1)).toBe(true);
});

test('messages of several topics go in one request, each to its topic', async () => {
  const { kafka, producers } = fakeKafka();
  const producer = new KafkaProducer(() => kafka);
  await producer.send([to('x', '1'), to('y', '2'), to('x', '3')]);
  const [request] = producers[0]?.requests ?? [];
  expect(request?.topicMessages?.map(({ topic, messages }) => [topic, messages.length])).toEqual([
    ['x', 2],
    ['y', 1],
  ]);
});

test('a large call is split so that each request stays below the broker’s limit', async () => {
  const { kafka, producers } = fakeKafka();
  const producer = new KafkaProducer(() => kafka);
  await producer.send(Array.from({ length: 10 }, () => to('t', Buffer.alloc(300_000))));
  const sizes = producers[0]?.requests.map((request) => request.topicMessages?.[0]?.messages.length);
  expect(sizes).toEqual([2, 2, 2, 2, 2]);
});

test('after a failure the producer is replaced: its sequence numbers can’t be trusted any more', async () => {
  let failures = 1;
  const { kafka, producers } = fakeKafka(async () => {
    if (failures-- > 0) throw new Error('socket closed');
  });
  const producer = new KafkaProducer(() => kafka);
  const failing = producer.send([to('t', 'a')]);
  await expect(failing).rejects.toMatchObject({ code: 'broker-unavailable', retriable: true });
  await producer.send([to('t', 'b')]);
  expect(producers).toHaveLength(2);
  expect(producers[0]?.isDisconnected).toBe(true);
  expect(producers[1]?.requests.map(valuesOf)).toEqual([['b']]);
});

test('a call that is refused for good does not take the others with it', async () => {
  const { kafka } = fakeKafka(async (batch) => {
    if (valuesOf(batch).includes('poison')) throw refused;
  });
  const producer = new KafkaProducer(() => kafka);
  const calls = ['first', 'good', 'poison', 'fine'].map((value) => producer.send([to('t', value)]));
  const outcomes = await Promise.allSettled(calls);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(outcomes[2]).toMatchObject({ reason: { code: 'broker-unavailable', retriable: false } });
});

test('where this user may not write, calls for that topic are refused together, those for another are not', async () => {
  const forbidden = Object.assign(new Error('forbidden'), {
    name: 'KafkaJSProtocolError',
    type: 'TOPIC_AUTHORIZATION_FAILED',
  });
  const { kafka, producers } = fakeKafka(async ({ topicMessages }) => {
    if (topicMessages?.some(({ topic }) => topic === 'closed')) throw forbidden;
  });
  const outcomesOf = async (topics: readonly string[]) => {
    const producer = new KafkaProducer(() => kafka);
    const sent = await Promise.allSettled(topics.map((topic) => producer.send([to(topic, 'a')])));
    return sent.map(({ status }) => status);
  };
  // The first call goes by itself, the others gather behind it.
  expect(await outcomesOf(['open', 'closed', 'closed', 'closed'])).toEqual(['fulfilled', ...Array(3).fill('rejected')]);
  expect(producers.flatMap(({ requests }) => requests)).toHaveLength(2);
  expect(await outcomesOf(['open', 'closed', 'open'])).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('after a part that failed nothing of its call goes out, nor what waits: whoever sent it asks first, and sends it anew', async () => {
  let requests = 0;
  const { kafka, producers } = fakeKafka(async () => {
    requests += 1;
    if (requests === 2) throw new Error('socket closed');
  });
  const producer = new KafkaProducer(() => kafka);
  const large = ['a', 'b', 'c', 'd'].map((letter) => to('t', letter.repeat(500_000)));
  const call = producer.send(large);
  const next = producer.send([to('t', 'next')]);
  next.catch(() => {}); // looked at below
  for (const failed of [call, next]) await expect(failed).rejects.toMatchObject({ retriable: true });
  await producer.send([to('t', 'next')]);
  const sent = producers.flatMap(({ requests: of }) => of.map((request) => valuesOf(request).map((value) => value[0])));
  expect(sent).toEqual([['a'], ['b'], ['n']]);
});

test('as long as it may a request is tried again, each time by a new producer', async () => {
  let failures = 2;
  const { kafka, producers } = fakeKafka(async () => {
    if (failures-- > 0) throw new Error('socket closed');
  });
  const producer = new KafkaProducer(() => kafka, { patienceMs: 1000, mustGoWithinMs: null });
  await producer.send([to('t', 'a')]);
  expect(producers.map(({ requests }) => requests.map(valuesOf))).toEqual([[['a']], [['a']], [['a']]]);
});

test('a call that cannot go out soon is rejected, to be asked about again; what follows goes at once', async () => {
  let release = () => {};
  const { kafka, producers } = fakeKafka(
    () =>
      new Promise((resolve) => {
        release = resolve;
      }),
  );
  vi.useFakeTimers();
  const producer = new KafkaProducer(() => kafka, { patienceMs: 0, mustGoWithinMs: 1000 });
  const first = producer.send([to('t', 'a')]);
  await vi.advanceTimersByTimeAsync(1);
  const late = producer.send([to('t', 'b')]);
  const isRejected = expect(late).rejects.toMatchObject({ code: 'broker-unavailable', retriable: true });
  await vi.advanceTimersByTimeAsync(1500);
  release();
  await first;
  await isRejected;
  const again = producer.send([to('t', 'b')]);
  await vi.advanceTimersByTimeAsync(1);
  release();
  await again;
  expect(producers).toHaveLength(1);
  expect(producers[0]?.requests.map(valuesOf)).toEqual([['a'], ['b']]);
});

test('connections to the partitions’ leaders that take too long end the call as its request is encoded, and are kept: the next goes', async () => {
  vi.useFakeTimers();
  let isConnected = false;
  const { kafka, producers } = fakeKafka(async ({ topicMessages = [] }) => {
    if (!isConnected) await vi.advanceTimersByTimeAsync(1500); // kafkajs connects
    isConnected = true;
    await encoded(topicMessages.flatMap(({ messages }) => messages));
  });
  const producer = new KafkaProducer(() => kafka, { patienceMs: 0, mustGoWithinMs: 1000 });
  await expect(producer.send([to('t', 'a')])).rejects.toMatchObject({ code: 'broker-unavailable', retriable: true });
  await producer.send([to('t', 'a')]);
  expect(producers).toHaveLength(1);
});

test('late when a part is on its way to another broker, the producer is given up', async () => {
  vi.useFakeTimers();
  const { kafka, producers } = fakeKafka(async ({ topicMessages = [] }) => {
    for (const { messages } of topicMessages) {
      await encoded(messages);
      if (producers.length === 1) await vi.advanceTimersByTimeAsync(1500);
    }
  });
  const producer = new KafkaProducer(() => kafka, { patienceMs: 0, mustGoWithinMs: 1000 });
  await expect(producer.send([to('t', 'a'), to('u', 'b')])).rejects.toMatchObject({ retriable: true });
  expect(producers[0]?.isDisconnected).toBe(true);
  await producer.send([to('t', 'a'), to('u', 'b')]);
  expect(producers).toHaveLength(2);
});

test('a timestamp that was given goes out as it is', async () => {
  const { kafka, producers } = fakeKafka();
  const producer = new KafkaProducer(() => kafka, { patienceMs: 0, mustGoWithinMs: 1000 });
  await producer.send([{ topic: 't', message: { key: null, value: 'a', timestamp: '17' } }]);
  expect(producers[0]?.requests[0]?.topicMessages?.[0]?.messages[0]?.timestamp).toBe('17');
});

test('a producer that failed is given up with its sockets; one that is replaced by none ends as usual', async () => {
  let failures = 1;
  const { kafka } = fakeKafka(async () => {
    if (failures-- > 0) throw new Error('timed out');
  });
  const resets: boolean[] = [];
  const producer = new KafkaProducer((sockets) => {
    const index = resets.push(false) - 1;
    vi.spyOn(sockets, 'reset').mockImplementation(() => {
      resets[index] = true;
    });
    return kafka;
  });
  await expect(producer.send([to('t', 'a')])).rejects.toMatchObject({ retriable: true });
  await producer.send([to('t', 'a')]);
  await producer.stop();
  expect(resets).toEqual([true, false]);
});

test('stop sends what waits and takes nothing more', async () => {
  const { kafka, producers } = fakeKafka();
  const producer = new KafkaProducer(() => kafka);
  const last = producer.send([to('t', 'last')]);
  await producer.stop();
  await last;
  expect(producers[0]?.requests.map(valuesOf)).toEqual([['last']]);
  expect(producers[0]?.isDisconnected).toBe(true);
  await expect(producer.send([to('t', 'late')])).rejects.toMatchObject({ code: 'stopped' });
});

afterEach(() => {
  vi.useRealTimers();
});

test('stop leaves a broker that never answers after some seconds; what it did not take is rejected', async () => {
  vi.useFakeTimers();
  const { kafka, producers } = fakeKafka(() => new Promise(() => {}));
  const producer = new KafkaProducer(() => kafka);
  const unanswered = producer.send([to('t', 'a')]);
  await vi.advanceTimersByTimeAsync(1);
  const waiting = producer.send([to('t', 'b')]);
  let isStopped = false;
  void producer.stop().then(() => {
    isStopped = true;
  });
  await vi.advanceTimersByTimeAsync(4900);
  expect(isStopped).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  expect(isStopped).toBe(true);
  expect(producers).toHaveLength(1);
  expect(producers[0]?.isDisconnected).toBe(true);
  const outcome = Promise.race([Promise.allSettled([unanswered, waiting]), Promise.resolve('neither is settled')]);
  expect(await outcome).toBe('neither is settled'); // the broker still has the request: nobody is told that it failed or went
});

test('stop while the broker refuses: what waits is rejected and no producer is made again', async () => {
  vi.useFakeTimers();
  let refuse = () => {};
  const { kafka, producers } = fakeKafka(
    () =>
      new Promise((_, reject) => {
        refuse = () => reject(new Error('socket closed'));
      }),
  );
  const producer = new KafkaProducer(() => kafka);
  const calls = [producer.send([to('t', 'a')])];
  await vi.advanceTimersByTimeAsync(1);
  calls.push(producer.send([to('t', 'b')]));
  const outcomes = Promise.allSettled(calls);
  const stopped = producer.stop();
  await vi.advanceTimersByTimeAsync(6000);
  await stopped;
  refuse();
  expect(await outcomes).toMatchObject([
    { status: 'rejected', reason: { code: 'broker-unavailable' } },
    { status: 'rejected', reason: { code: 'broker-unavailable' } },
  ]);
  expect(producers).toHaveLength(1);
});
