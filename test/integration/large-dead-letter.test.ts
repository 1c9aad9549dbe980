// A dead letter larger than its topic takes goes without what is too large, says so, and the others go whole too.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { KafkaResultReader } from '../../src/adapters/kafka/result-reader.ts';
import { KafkaResultSink } from '../../src/adapters/kafka/result-sink.ts';
import { createTopics } from '../../src/adapters/kafka/topics.ts';
import { AnytimeError } from '../../src/errors.ts';
import type { ReceivedRecord } from '../../src/ports.ts';
import { frameRecord, utf8 } from '../helpers/records.ts';
import { realServers } from '../helpers/servers/servers.ts';
import { until } from '../helpers/until.ts';

test('what is too large for its topic goes without its value, its headers and its key', async ({ skip }) => {
  const servers = await realServers();
  if (servers === null) return skip('no server');
  const brokers = servers.kafkaBrokers;
  const run = randomUUID();
  const topics = { coarse: `coarse-${run}`, refined: `refined-${run}`, deadLetters: `dlq-${run}` };
  await createTopics(
    { brokers },
    Object.values(topics).map((topic) => ({ topic, partitions: 1 })),
  );
  const sink = new KafkaResultSink({ brokers, topics });
  const reader = new KafkaResultReader({ brokers, topics, from: 'beginning' });
  const received: ReceivedRecord[] = [];
  const lastOf = (key: string) => received.filter((record) => Buffer.from(record.key ?? []).toString() === key).at(-1);
  await sink.start();
  const reason = new AnytimeError('image-too-large', 'Expected less');
  const letter = (key: string, bytes: number) => ({
    record: frameRecord({ key: utf8(key), value: new Uint8Array(bytes) }),
    reason,
    step: 'decode',
  });
  const headers = { ce_id: utf8('headers'), huge: new Uint8Array(3_000_000) };
  const longKey = { record: frameRecord({ key: new Uint8Array(500_000), offset: 8n }), reason, step: 'intake' };
  const largeHeaders = { record: frameRecord({ headers, offset: 7n }), reason, step: 'intake' };
  await sink.deadLetter([letter('small', 100), letter('large', 3_000_000), largeHeaders, longKey, letter('next', 200)]);
  await reader.start({
    records: (records) => received.push(...records),
    failed: (error) => expect.unreachable(error.message),
  });
  const offsetOf = ({ headers }: ReceivedRecord) => Buffer.from(headers['__connect.errors.offset'] ?? []).toString();
  await until(
    () => lastOf('next') !== undefined && ['7', '8'].every((o) => received.some((one) => offsetOf(one) === o)),
  );
  await until(() => reader.hasReadAll());
  // Nobody else has read anything yet.
  expect(await new KafkaResultReader({ brokers, topics, from: 'beginning' }).hasReadAll()).toBe(false);
  const many = Object.fromEntries(Array.from({ length: 999 }, (_, i) => [`h${i}`, utf8('x')]));
  await sink.deadLetter([{ record: frameRecord({ key: utf8('many'), headers: many }), reason, step: 'intake' }]);
  await until(() => reader.hasReadAll());
  await Promise.all([reader.stop(), sink.stop()]);
  const ofMany = Object.keys(lastOf('many')?.headers ?? {});
  expect(ofMany.filter((name) => name.startsWith('h'))).toHaveLength(500);
  expect(ofMany).toContain('__connect.errors.exception.message');
  expect(lastOf('small')?.value).toHaveLength(100);
  expect(lastOf('next')?.value).toHaveLength(200);
  expect(lastOf('large')?.value).toBeNull();
  expect(Buffer.from(lastOf('large')?.headers['__connect.errors.value.omitted'] ?? []).toString()).toMatch(
    /^3000000 bytes/,
  );
  expect(Buffer.from(lastOf('large')?.headers['__connect.errors.exception.message'] ?? []).toString()).toBe(
    'Expected less',
  );
  const stripped = received.find((one) => offsetOf(one) === '7');
  expect(stripped).toMatchObject({ key: null, value: null });
  expect(Object.keys(stripped?.headers ?? {})).not.toContain('huge');
  expect(received.some(({ key }) => key?.length === 500_000)).toBe(true);
});
