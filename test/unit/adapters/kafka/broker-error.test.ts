// What kafkajs throws becomes the product's error, with the one question answered: can trying again help?
import { expect, test } from 'vitest';
import { brokerError, isMetadataTooLarge, within } from '../../../../src/adapters/kafka/broker-error.ts';
import { AnytimeError } from '../../../../src/errors.ts';

const kafkaError = (name: string, parts: object = {}) => Object.assign(new Error('why'), { name, ...parts });

test.each([
  [new Error('socket hang up'), true],
  ['no error at all', true],
  [kafkaError('KafkaJSNumberOfRetriesExceeded', { retriable: false }), true],
  [kafkaError('KafkaJSConnectionError'), true],
  [kafkaError('KafkaJSProtocolError', { retriable: true, type: 'LEADER_NOT_AVAILABLE' }), true],
  [kafkaError('KafkaJSProtocolError', { retriable: false, type: 'ILLEGAL_GENERATION' }), true],
  [kafkaError('KafkaJSProtocolError', { retriable: false, type: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }), true],
  [kafkaError('KafkaJSProtocolError', { retriable: false, type: 'MESSAGE_TOO_LARGE' }), false],
  [kafkaError('KafkaJSNonRetriableError', { retriable: false }), false],
  [kafkaError('KafkaJSNonRetriableError', { retriable: false, cause: kafkaError('KafkaJSConnectionError') }), true],
  [kafkaError('KafkaJSNonRetriableError', { cause: kafkaError('KafkaJSProtocolError', { retriable: false }) }), false],
])('%s: retriable %s', (cause, isRetriable) => {
  const error = brokerError('Kafka to answer', cause);
  expect(error).toMatchObject({ code: 'broker-unavailable', retriable: isRetriable, cause });
  expect(error.message).toMatch(/^Expected Kafka to answer, got: (why|socket hang up|no error at all)$/);
});

test('metadata that the broker finds too long is told from other refusals, however it is wrapped', () => {
  const cause = kafkaError('KafkaJSProtocolError', { type: 'OFFSET_METADATA_TOO_LARGE' });
  for (const error of [cause, kafkaError('KafkaJSNonRetriableError', { cause })])
    expect(isMetadataTooLarge(error)).toBe(true);
  for (const other of [kafkaError('KafkaJSProtocolError', { type: 'MESSAGE_TOO_LARGE' }), 'text', null, undefined])
    expect(isMetadataTooLarge(other)).toBe(false);
});

test('an AnytimeError stays what it is', () => {
  const error = new AnytimeError('stopped', 'Expected no more');
  expect(brokerError('anything', error)).toBe(error);
});

test('what takes too long is an error that says how long', async () => {
  const never = new Promise(() => {});
  await expect(within(1, 'an answer', never)).rejects.toThrow('Expected an answer within 1 ms');
  await expect(within(1000, 'an answer', Promise.resolve(7))).resolves.toBe(7);
});
