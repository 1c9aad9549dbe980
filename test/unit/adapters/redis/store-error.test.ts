// What ioredis throws holds the command with its arguments; the product's error must not.
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { storeError } from '../../../../src/adapters/redis/store-error.ts';

const failed = (message: string) =>
  Object.assign(new Error(message), { command: { name: 'auth', args: ['worker', 'hidden'] } });

test('a failed AUTH takes no password along', () => {
  const error = storeError(failed('Connection is closed.'), failed('WRONGPASS invalid username-password pair'));
  expect(error).toMatchObject({ code: 'store-unavailable', retriable: true });
  expect(error.message).toBe(
    'Expected Redis to answer, got: Connection is closed. (WRONGPASS invalid username-password pair); wrong user or password (kafkaUser with kafkaPassword, redisUser with redisPassword)',
  );
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hidden');
});

test('without a known refusal the call tells', () => {
  expect(storeError(new Error('no reply within 50 ms')).message).toBe(
    'Expected Redis to answer, got: no reply within 50 ms',
  );
});

test('a server that does not know AUTH repeats the password: it is cut off', () => {
  const refusal = failed("ERR unknown command 'AUTH', with args beginning with: 'worker' 'hidden' ");
  const error = storeError(refusal, refusal);
  expect(error.message).toContain("ERR unknown command 'AUTH'");
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hidden');
});
