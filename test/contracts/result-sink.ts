// What every ResultSink must do, whatever is behind it. Read back through the ResultReader of the same adapter, so both are tried.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ERROR_HEADERS, headerText, type ResultTopics } from '../../src/core/envelope.ts';
import { AnytimeError } from '../../src/errors.ts';
import type { ReceivedRecord, ResultReader, ResultSink } from '../../src/ports.ts';
import { frameRecord, resultRecord, utf8 } from '../helpers/records.ts';
import { until } from '../helpers/until.ts';

export interface ResultSinkHarness {
  /** Makes fresh result topics. */
  open(): Promise<{
    readonly topics: ResultTopics;
    sink(): ResultSink;
    reader(from: 'beginning' | 'now'): ResultReader;
  }>;
}

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const text = (bytes: Uint8Array | null) => bytes && new TextDecoder().decode(bytes);
const plain = (headers: ReceivedRecord['headers']) =>
  Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, [...bytes]]));

export function resultSinkContract(name: string, makeHarness: () => Promise<ResultSinkHarness | null>): void {
  describe(`ResultSink: ${name}`, () => {
    let opened: Awaited<ReturnType<ResultSinkHarness['open']>>;
    let sink: ResultSink;
    const readers: ResultReader[] = [];

    const read = async (from: 'beginning' | 'now') => {
      const received: ReceivedRecord[] = [];
      const reader = opened.reader(from);
      readers.push(reader);
      await reader.start({
        records: (records) => received.push(...records),
        failed: (error) => {
          throw error;
        },
      });
      return received;
    };

    beforeEach(async ({ skip }) => {
      const harness = await makeHarness();
      if (harness === null) return skip('no server');
      opened = await harness.open();
      sink = opened.sink();
      await sink.start();
    });
    afterEach(async () => {
      await Promise.all([sink?.stop(), ...readers.splice(0).map((reader) => reader.stop())]);
    });

    test('first answers go to the coarse topic, later ones to the refined topic, keyed like the input', async () => {
      await sink.publish([
        resultRecord({ id: 'a', stage: 1 }, { key: utf8('camera-1') }),
        resultRecord({ id: 'a', stage: 2 }, { key: utf8('camera-1'), isFirst: false }),
        resultRecord({ id: 'b', stage: 3 }, { key: utf8('b'), isFirst: true }),
      ]);
      const received = await read('beginning');
      await until(() => received.length >= 3);
      const seen = received.map(({ topic, key, result }) => [topic, text(key), result?.id, result?.stage]);
      expect(seen.sort()).toEqual(
        [
          [opened.topics.coarse, 'camera-1', 'a', 1],
          [opened.topics.refined, 'camera-1', 'a', 2],
          [opened.topics.coarse, 'b', 'b', 3],
        ].sort(),
      );
    });

    test('a record has the value as JSON, CloudEvents headers and the trace continued', async () => {
      const value = { id: 'ä/1', stage: 5, final: true, exit: 'full-depth' as const, confidence: 0.25, epoch: 4 };
      const sent = resultRecord(value, { isFirst: false, traceparent: `00-${TRACE}-1111111111111111-01` });
      await sink.publish([sent]);
      const received = await read('beginning');
      await until(() => received.length >= 1);
      const [record] = received;
      expect(record?.result).toEqual(sent.value);
      const header = (which: string) => headerText(record?.headers ?? {}, which);
      expect(header('ce_id')).toBe('ä/1/5/final');
      expect(header('content-type')).toBe('application/json');
      expect(header('exit')).toBe('full-depth');
      expect(header('confidence')).toBe('0.25');
      expect(header('epoch')).toBe('4');
      expect(header('traceparent')).toMatch(new RegExp(`^00-${TRACE}-(?!1{16})[0-9a-f]{16}-01$`));
    });

    test('records of one key come in the order in which they were published, calls at once included', async () => {
      const stages = Array.from({ length: 300 }, (_, index) => index + 1);
      const publish = (stage: number) =>
        sink.publish([resultRecord({ id: 'a', stage }, { key: utf8('a'), isFirst: false })]);
      await Promise.all(stages.map(publish));
      const received = await read('beginning');
      await until(() => received.length >= 300);
      expect(received.map(({ result }) => result?.stage)).toEqual(stages);
    });

    test('a dead letter is the record untouched with the reason in its headers', async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      const record = frameRecord({
        partition: 3,
        offset: 12345678901234n,
        key: utf8('k'),
        value: bytes,
        headers: { 'deadline-ms': utf8('soon'), raw: bytes },
        timestamp: 1234567,
      });
      const reason = new AnytimeError('bad-header', 'Expected `deadline-ms` to be a number, got "soon"');
      await sink.deadLetter([{ record, reason, step: 'intake' }]);
      const received = await read('beginning');
      await until(() => received.length >= 1);
      const [letter] = received;
      expect(letter).toMatchObject({ topic: opened.topics.deadLetters, result: null, timestamp: 1234567 });
      expect([text(letter?.key ?? null), [...(letter?.value ?? [])]]).toEqual(['k', [...bytes]]);
      expect(plain(letter?.headers ?? {})).toMatchObject({ 'deadline-ms': [...utf8('soon')], raw: [...bytes] });
      const header = (which: keyof typeof ERROR_HEADERS) => headerText(letter?.headers ?? {}, ERROR_HEADERS[which]);
      expect(header('topic')).toBe('frames');
      expect(header('partition')).toBe('3');
      expect(header('offset')).toBe('12345678901234');
      expect(header('stage')).toBe('intake');
      expect(header('className')).toBe('AnytimeError');
      expect(header('code')).toBe('bad-header');
      expect(header('message')).toBe(reason.message);
    });

    test('null and empty keys and values stay what they are in a dead letter', async () => {
      const letter = (key: Uint8Array | null, value: Uint8Array | null) => ({
        record: frameRecord({ key, value }),
        reason: new AnytimeError('bad-image', 'Expected an image, got nothing'),
        step: 'decode',
      });
      const empty = new Uint8Array(0);
      await sink.deadLetter([letter(null, null), letter(empty, empty), letter(null, empty)]);
      const received = await read('beginning');
      await until(() => received.length >= 3);
      const contents = received.map(({ key, value }) => [key && [...key], value && [...value]]);
      expect(contents).toEqual([
        [null, null],
        [[], []],
        [null, []],
      ]);
    });

    test('a reader from now sees what is published after its start, and nothing before', async () => {
      await sink.publish([resultRecord({ id: 'before', stage: 1 })]);
      const received = await read('now');
      await sink.publish([resultRecord({ id: 'after', stage: 1 })]);
      await until(() => received.length >= 1);
      expect(received.map(({ result }) => result?.id)).toEqual(['after']);
    });

    test('publishing nothing is fine; publishing after stop is an error', async () => {
      await sink.publish([]);
      await sink.deadLetter([]);
      await sink.stop();
      await sink.stop();
      await expect(sink.publish([resultRecord()])).rejects.toMatchObject({ code: 'stopped' });
    });
  });
}
