// What ioredis throws, as the product's one error.
import { withRefusal } from '../../core/connection-refusal.ts';
import { AnytimeError, messageOf } from '../../errors.ts';

/** A server that does not know AUTH says what came with it. */
const ARGUMENTS = /, with args beginning with:.*/s;

/**
 * store-unavailable (retriable) with the reason. `refusal`: why the connection is down, where that is known and the call itself can
 * only tell that it is closed. ioredis' errors carry the command that failed with its arguments, a password among them: that is cut off.
 */
export function storeError(cause: unknown, refusal: Error | null = null): AnytimeError {
  for (const error of [cause, refusal]) {
    if (!(error instanceof Error)) continue;
    if ('command' in error) delete error.command;
    const withoutArguments = error.message.replace(ARGUMENTS, '');
    if (error.stack !== undefined) error.stack = error.stack.replace(error.message, withoutArguments);
    error.message = withoutArguments;
  }
  const why = refusal === null ? messageOf(cause) : `${messageOf(cause)} (${refusal.message})`;
  const message = withRefusal(`Expected Redis to answer, got: ${why}`, refusal ?? cause);
  return new AnytimeError('store-unavailable', message, { retriable: true, cause });
}
