// Mends two timers of kafkajs 2.2.4's RequestQueue. It re-arms a timeout for ever even when nothing is pending (thousands of timers a second in
// an idle process): it is needed only while requests wait, and `push` schedules it then. And where a broker throttles, it keeps until when by the
// wall clock: set back meanwhile, a connection sends nothing for the whole step. Here it waits no longer than it was asked to.
import { createRequire } from 'node:module';
import { mendOnce } from './mend-once.ts';

interface RequestQueue {
  readonly pending: readonly unknown[];
  /** Epoch ms; in the past while no broker throttles. */
  throttledUntil: number;
  maybeThrottle(ms: number | null): void;
  canSendSocketRequestImmediately(): boolean;
  scheduleCheckPendingRequests(): void;
}

/** Patches the class once per process; calling it again changes nothing. */
export function mendRequestQueue(): void {
  const queueClass = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  mendOnce(queueClass.prototype, (prototype) => {
    const {
      scheduleCheckPendingRequests: schedule,
      maybeThrottle,
      canSendSocketRequestImmediately: canSend,
    } = prototype;
    /** The longest that was asked for and is not over. */
    const asked = new WeakMap<RequestQueue, number>();
    const bound = (queue: RequestQueue) => {
      const now = Date.now();
      queue.throttledUntil = Math.min(queue.throttledUntil, now + (asked.get(queue) ?? 0));
      if (queue.throttledUntil <= now) asked.delete(queue);
    };
    prototype.maybeThrottle = function (ms) {
      bound(this);
      if (ms !== null) asked.set(this, Math.max(ms, asked.get(this) ?? 0));
      maybeThrottle.call(this, ms);
    };
    prototype.canSendSocketRequestImmediately = function () {
      bound(this);
      return canSend.call(this);
    };
    prototype.scheduleCheckPendingRequests = function () {
      bound(this);
      if (this.pending.length > 0) schedule.call(this);
    };
  });
}
