// Waiting for a server that was just started.
import { setTimeout as pause } from 'node:timers/promises';
import { AnytimeError, messageOf } from '../../../errors.ts';
import type { Child } from './child.ts';

const ASK_EVERY_MS = 100;
const START_TIMEOUT_MS = 60_000;

/**
 * Asks `isReady` (which throws while the server is not) until it says yes. Ends early when the process ends.
 * Errors: broker-unavailable with what the server wrote last.
 */
export async function untilReady(what: string, isReady: () => Promise<void>, child?: Child): Promise<void> {
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      await isReady();
      return;
    } catch (cause) {
      const hasEnded = child?.hasExited ?? false;
      if (!hasEnded && Date.now() < giveUpAt) {
        await pause(ASK_EVERY_MS);
        continue;
      }
      const why = hasEnded ? 'it ended' : `not ready after ${START_TIMEOUT_MS / 1000} s: ${messageOf(cause)}`;
      const tail = child ? `\n${child.tail()}` : '';
      throw new AnytimeError('broker-unavailable', `Expected ${what} to start, but ${why}${tail}`, { cause });
    }
  }
}
