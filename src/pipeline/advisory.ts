// Asking a store that may be away: the answer, or at once the fallback. After a failure the store is left alone for a tenth of a second;
// then one call asks whether it is back, while all others go on without it, and each time that fails the wait doubles, to a second at
// most. So a store that stays slow delays one call a second, and one that was slow once is soon asked again. The change is told once
// in each direction.
import { messageOf } from '../errors.ts';
import type { Clock, EventSink } from '../ports.ts';

const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [100, 1000];

export interface Advisory {
  readonly isDegraded: boolean;
  ask<T>(call: () => Promise<T>, fallback: T): Promise<T>;
}

export function createAdvisory(what: 'budget-store' | 'depth-store', clock: Clock, events: EventSink): Advisory {
  let isDegraded = false;
  let isProbing = false;
  let askAgainAt = 0;
  let waitMs = FIRST_WAIT_MS;
  let failures = 0;
  return {
    get isDegraded() {
      return isDegraded;
    },
    async ask(call, fallback) {
      askAgainAt = Math.min(askAgainAt, clock.now() + waitMs); // the clock may have been set back
      if (isDegraded && (isProbing || clock.now() < askAgainAt)) return fallback;
      const isProbe = isDegraded;
      const failuresBefore = failures;
      isProbing ||= isProbe;
      try {
        const answer = await call();
        // An answer to a question from before the last failure says nothing of how the store is now.
        if (isDegraded && failures === failuresBefore) {
          isDegraded = false;
          waitMs = FIRST_WAIT_MS;
          events.emit({ type: 'recovered', what });
        }
        return answer;
      } catch (error) {
        failures += 1;
        if (isProbe) waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS); // what failed beside the first says nothing new
        askAgainAt = clock.now() + waitMs;
        if (!isDegraded) events.emit({ type: 'degraded', what, reason: messageOf(error) });
        isDegraded = true;
        return fallback;
      } finally {
        if (isProbe) isProbing = false;
      }
    },
  };
}
