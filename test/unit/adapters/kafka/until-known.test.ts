// Brokers are asked again about a topic they do not know yet, for a bounded time, and about nothing else.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { untilKnown } from '../../../../src/adapters/kafka/until-known.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const protocolError = (type: string) => Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type });
/** As kafkajs wraps what ended its retries. */
const wrapped = (cause: Error) =>
  Object.assign(new Error(cause.message, { cause }), { name: 'KafkaJSNonRetriableError' });

it('asks again while the topic is new to the brokers', async () => {
  const answers = [protocolError('UNKNOWN_TOPIC_OR_PARTITION'), wrapped(protocolError('NOT_LEADER_FOR_PARTITION'))];
  const ask = vi.fn(async () => {
    const error = answers.shift();
    if (error !== undefined) throw error;
    return 'known';
  });
  const asked = untilKnown(ask);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await asked).toBe('known');
  expect(ask).toHaveBeenCalledTimes(3);
});

it('gives up in the end, with what the broker says', async () => {
  const error = protocolError('LEADER_NOT_AVAILABLE');
  const asked = untilKnown(() => Promise.reject(error));
  const outcome = expect(asked).rejects.toBe(error);
  await vi.advanceTimersByTimeAsync(11_000);
  await outcome;
});

it('does not ask again where the broker refuses', async () => {
  const ask = vi.fn(() => Promise.reject(protocolError('TOPIC_AUTHORIZATION_FAILED')));
  await expect(untilKnown(ask)).rejects.toMatchObject({ type: 'TOPIC_AUTHORIZATION_FAILED' });
  expect(ask).toHaveBeenCalledTimes(1);
});
