// Mends a busy timer of kafkajs 2.2.4: RequestQueue re-arms a timeout for ever even when nothing is pending (thousands of
// timers a second in an idle process). It is needed only while requests wait: `push` schedules it then.
import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

const MENDED = Symbol('anytime-stream.mended');

/** Patches the class once per process; calling it again changes nothing. */
export function mendRequestQueue(): void {
  const queueClass = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  const prototype = queueClass.prototype as RequestQueue & { [MENDED]?: true };
  if (prototype[MENDED]) return;
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };
  prototype[MENDED] = true;
}
