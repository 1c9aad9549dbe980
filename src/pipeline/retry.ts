// Try again with back-off until it works or the asker gives up; each wait is told. For publishing and committing: what is not
// acknowledged is never counted as done.
import { AnytimeError, messageOf } from '../errors.ts';
import type { Clock, EventSink } from '../ports.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5000;
/** How long a start tries to reach a broker that is away. */
const START_PATIENCE_MS = 30_000;

export interface RetryContext {
  readonly clock: Clock;
  readonly events: EventSink;
  /** True when the outcome is no longer wanted (stopping, past the grace time). */
  isGivenUp(): boolean;
}

/** Rejects with the last error when it is not retriable or the asker gave up. */
export async function retry<T>(what: string, call: () => Promise<T>, context: RetryContext): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await call();
    } catch (error) {
      const isRetriable = error instanceof AnytimeError && error.retriable;
      if (!isRetriable || context.isGivenUp()) throw error;
      context.events.emit({ type: 'retry', what, reason: messageOf(error), inMs: waitMs });
      await new Promise<void>((resolve) => context.clock.after(waitMs, resolve));
      if (context.isGivenUp()) throw error; // while it waited: nothing is done behind the back of whoever gave up
    }
  }
}

/** The same for what a start needs, as long as a broker that is away is waited for. */
export async function retryAtStart<T>(what: string, call: () => Promise<T>, context: RetryContext): Promise<T> {
  const { clock } = context;
  const until = clock.now() + START_PATIENCE_MS;
  return await retry(what, call, { ...context, isGivenUp: () => context.isGivenUp() || clock.now() >= until });
}
