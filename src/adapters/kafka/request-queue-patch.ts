// Mends a busy timer of kafkajs 2.2.4: RequestQueue re-arms a timeout for ever even when nothing is pending (thousands of
// timers a second in an idle process). It is needed only while requests wait: `push` schedules it then.
import { createRequire } from 'node:module';
import { mendOnce } from './mend-once.ts';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/** Patches the class once per process; calling it again changes nothing. */
export function mendRequestQueue(): void {
  const queueClass = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  mendOnce(queueClass.prototype, (prototype) => {
    const schedule = prototype.scheduleCheckPendingRequests;
    prototype.scheduleCheckPendingRequests = function () {
      if (this.pending.length > 0) schedule.call(this);
    };
  });
}
