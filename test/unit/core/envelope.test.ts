// Headers of results and dead letters, and the trace that goes on.
import { expect, test } from 'vitest';
import {
  continueTrace,
  deadLetterHeaders,
  headerText,
  parseResult,
  resultBytes,
  resultHeaders,
} from '../../../src/core/envelope.ts';
import { AnytimeError } from '../../../src/errors.ts';
import { frameRecord, resultRecord } from '../../helpers/records.ts';

const SPAN = '00f067aa0ba902b7';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

test('a trace goes on with the same trace id, flags and a new span id', () => {
  expect(continueTrace(`00-${TRACE}-1111111111111111-01`, SPAN)).toBe(`00-${TRACE}-${SPAN}-01`);
});

test.each([
  ['no header', null],
  ['no trace', 'hello'],
  ['an all-zero trace id', `00-${'0'.repeat(32)}-1111111111111111-01`],
  ['an all-zero parent', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['the forbidden version', `ff-${TRACE}-1111111111111111-01`],
  ['upper case', `00-${TRACE.toUpperCase()}-1111111111111111-01`],
])('%s is not continued', (_what, traceparent) => {
  expect(continueTrace(traceparent, SPAN)).toBeNull();
});

test('a result carries CloudEvents headers and its own', () => {
  const result = resultRecord({ id: 'a', stage: 2, confidence: 0.5, publishedAt: 0, model: 'm@1', epoch: 3 });
  const headers = resultHeaders({ ...result, traceparent: `00-${TRACE}-1111111111111111-01` }, SPAN);
  const texts = Object.fromEntries(Object.keys(headers).map((name) => [name, headerText(headers, name)]));
  expect(texts).toEqual({
    ce_id: 'a/2',
    ce_source: '/anytime-stream/m@1',
    ce_type: 'anytime-stream.result.v1',
    ce_time: '1970-01-01T00:00:00.000Z',
    ce_specversion: '1.0',
    'content-type': 'application/json',
    stage: '2',
    final: 'false',
    epoch: '3',
    confidence: '0.5',
    traceparent: `00-${TRACE}-${SPAN}-01`,
  });
});

test('a final result says so in its id and headers; one without an answer has no confidence', () => {
  const value = { stage: 0, label: null, confidence: null, final: true, exit: 'expired' as const };
  const headers = resultHeaders(resultRecord({ id: 'a', ...value }), SPAN);
  expect(headerText(headers, 'ce_id')).toBe('a/0/final');
  expect(headerText(headers, 'exit')).toBe('expired');
  expect(headerText(headers, 'confidence')).toBeNull();
  expect(headerText(headers, 'traceparent')).toBeNull();
});

test('result bytes read back as the same value; anything else is null', () => {
  const result = resultRecord({ id: 'ä', stage: 1 });
  expect(parseResult(resultBytes(result))).toEqual(result.value);
  expect(parseResult(null)).toBeNull();
  expect(parseResult(new TextEncoder().encode('{"id":'))).toBeNull();
  expect(parseResult(new TextEncoder().encode('{"id":"a"}'))).toBeNull();
});

test('a dead letter says where it came from, which step refused it, and why', () => {
  const record = frameRecord({ topic: 'frames', partition: 2, offset: 7n });
  const reason = new AnytimeError('bad-image', 'Expected an image, got 3 bytes');
  const headers = deadLetterHeaders({ record, reason, step: 'decode' });
  const texts = Object.fromEntries(Object.keys(headers).map((name) => [name, headerText(headers, name)]));
  expect(texts).toEqual({
    '__connect.errors.topic': 'frames',
    '__connect.errors.partition': '2',
    '__connect.errors.offset': '7',
    '__connect.errors.stage': 'decode',
    '__connect.errors.exception.class.name': 'AnytimeError',
    '__connect.errors.exception.message': 'Expected an image, got 3 bytes',
    '__connect.errors.exception.code': 'bad-image',
  });
});

test('a header name from Object.prototype is no header', () => {
  expect(headerText({}, 'constructor')).toBeNull();
});
