// What the sink does where a topic takes less than one batch of results; the rest of it is tested on a real broker (test/contracts/result-sink.ts).
import { expect, it } from 'vitest';
import { KafkaResultSink } from '../../../../src/adapters/kafka/result-sink.ts';
import type { ResultRecord } from '../../../../src/core/result.ts';
import { fakeKafka } from '../../../fakes/kafkajs.ts';
import { resultRecord } from '../../../helpers/records.ts';

/** A broker that takes `most` records in a batch; the ids of what it was sent, and of what it took. */
function brokerTaking(most: number, type = 'MESSAGE_TOO_LARGE') {
  const sent: string[][] = [];
  const taken: string[] = [];
  const { kafka } = fakeKafka(async ({ topicMessages = [] }) => {
    const ids = topicMessages.flatMap(({ messages }) => messages.map(({ key }) => String(key)));
    sent.push(ids);
    if (ids.length > most) throw Object.assign(new Error('refused'), { name: 'KafkaJSProtocolError', type });
    taken.push(...ids);
  });
  return { sink: new KafkaResultSink({ brokers: ['nowhere:1'] }, () => kafka), sent, taken };
}

const IDS = Array.from({ length: 10 }, (_, i) => `frame-${i}`);
const RESULTS: ResultRecord[] = IDS.map((id) => resultRecord({ id }));

it('publishes in parts, in order, what its topic does not take at once', async () => {
  const { sink, taken } = brokerTaking(3);
  await sink.publish(RESULTS);
  expect(taken).toEqual(IDS);
  await sink.stop();
});

it('fails with a single record that its topic does not take', async () => {
  const { sink, sent } = brokerTaking(0);
  await expect(sink.publish(RESULTS)).rejects.toMatchObject({ code: 'broker-unavailable', retriable: false });
  expect(sent.at(-1)).toEqual(['frame-0']);
  await sink.stop();
});

it('does not try parts of what the user may not write', async () => {
  const { sink, sent } = brokerTaking(0, 'TOPIC_AUTHORIZATION_FAILED');
  await expect(sink.publish(RESULTS)).rejects.toMatchObject({ retriable: false });
  expect(new Set(sent.map((ids) => ids.length))).toEqual(new Set([10]));
  await sink.stop();
});
