// What the sender does with a frame that its topic does not take; the rest of it is tested on a real broker.
import { expect, it } from 'vitest';
import { KafkaFrameSender } from '../../../../src/adapters/kafka/frame-sender.ts';
import type { OutgoingRecord } from '../../../../src/ports.ts';
import { fakeKafka } from '../../../fakes/kafkajs.ts';
import { utf8 } from '../../../helpers/records.ts';

const frame = (id: string, bytes: number): OutgoingRecord => ({
  key: null,
  value: new Uint8Array(bytes),
  headers: { ce_id: utf8(id) },
});

/** A topic that refuses batches with a frame of more than 1000 bytes; the sizes that it took. */
function topicOfSmallFrames(type: string) {
  const taken: number[] = [];
  let requests = 0;
  const { kafka } = fakeKafka(async ({ topicMessages = [] }) => {
    requests += 1;
    const sizes = topicMessages.flatMap(({ messages }) => messages.map(({ value }) => value?.length ?? 0));
    if (sizes.some((size) => size > 1000))
      throw Object.assign(new Error('refused'), { name: 'KafkaJSProtocolError', type });
    taken.push(...sizes);
  });
  const sender = new KafkaFrameSender({ brokers: ['nowhere:1'], topic: 'frames' }, () => kafka);
  return { sender, taken, requests: () => requests };
}

it('names the one frame that is too large for its topic, and sends those before it', async () => {
  const { sender, taken } = topicOfSmallFrames('MESSAGE_TOO_LARGE');
  const frames = [frame('a', 10), frame('b', 20), frame('photos/huge.jpg', 5000), frame('c', 30)];
  await expect(sender.send(frames)).rejects.toMatchObject({
    code: 'broker-unavailable',
    retriable: false,
    message: expect.stringMatching(/the frame photos\/huge\.jpg of 5000 bytes.*refused/),
  });
  expect(taken).toEqual([10, 20]);
  await sender.stop();
});

it('tries no frame by itself where the user may not write', async () => {
  const { sender, requests } = topicOfSmallFrames('TOPIC_AUTHORIZATION_FAILED');
  await expect(sender.send([frame('a', 5000), frame('b', 20)])).rejects.toMatchObject({ retriable: false });
  expect(requests()).toBe(1);
  await sender.stop();
});
