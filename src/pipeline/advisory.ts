// Asking a store that may be away: the answer, or at once the fallback. After a failure the store is left alone for a second, so
// that a slow store delays one answer a second and no more; the change is told once in each direction.
import { messageOf } from '../errors.ts';
import type { Clock, EventSink } from '../ports.ts';

const LEAVE_ALONE_MS = 1000;

export interface Advisory {
  readonly isDegraded: boolean;
  ask<T>(call: () => Promise<T>, fallback: T): Promise<T>;
}

export function createAdvisory(what: 'budget-store' | 'depth-store', clock: Clock, events: EventSink): Advisory {
  let isDegraded = false;
  let askAgainAt = 0;
  return {
    get isDegraded() {
      return isDegraded;
    },
    async ask(call, fallback) {
      if (clock.now() < askAgainAt) return fallback;
      try {
        const answer = await call();
        if (isDegraded) events.emit({ type: 'recovered', what });
        isDegraded = false;
        return answer;
      } catch (error) {
        askAgainAt = clock.now() + LEAVE_ALONE_MS;
        if (!isDegraded) events.emit({ type: 'degraded', what, reason: messageOf(error) });
        isDegraded = true;
        return fallback;
      }
    },
  };
}
