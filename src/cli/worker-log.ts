// The worker's log: the pipeline's events as JSON lines. What concerns single frames is debug; what somebody must look at is a warning.
import type { Logger } from 'pino';
import type { PipelineEvent } from '../core/events.ts';
import { plainText } from '../core/plain-text.ts';
import { BusyShare } from '../evaluation/busy-share.ts';
import type { EventSink } from '../ports.ts';

type Level = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

const LEVELS: Readonly<Record<PipelineEvent['type'], Level>> = {
  started: 'info',
  assigned: 'info',
  revoked: 'info',
  taken: 'debug',
  paused: 'info',
  resumed: 'info',
  skipped: 'debug',
  dropped: 'debug',
  'offset-map-ignored': 'warn',
  'stage-run': 'debug',
  published: 'debug',
  'dead-lettered': 'warn',
  committed: 'debug',
  load: 'debug',
  degraded: 'warn',
  recovered: 'info',
  'engine-restarted': 'error',
  retry: 'warn',
  failed: 'fatal',
  drained: 'info',
};

export interface WorkerLogOptions {
  readonly log: Pick<Logger, Level>;
  /** Between two load lines at info, ms; the others are debug. */
  readonly loadLineEveryMs: number;
  /** ms, any origin. */
  readonly now: () => number;
}

/**
 * An event becomes one line: its `type` as `event`, its fields, and a message. Load lines carry how long frames waited for the
 * engine since the start, and how much of that time it computed.
 */
export function createWorkerLog({ log, loadLineEveryMs, now }: WorkerLogOptions): EventSink {
  const busy = new BusyShare();
  let lastLoadAt = Number.NEGATIVE_INFINITY;
  return {
    emit(event) {
      if (event.type === 'stage-run') busy.ran(now(), event.busyMs, event.queued);
      let level = LEVELS[event.type];
      if (event.type === 'load' && now() - lastLoadAt >= loadLineEveryMs) {
        lastLoadAt = now();
        level = 'info';
      }
      const isTotalled = event.type === 'load' || event.type === 'drained';
      const plain = shown(event);
      log[level]({ ...fieldsOf(plain), ...(isTotalled && { engineUse: busy.totals() }) }, messageFor(plain));
    },
  };
}

/** Ids and reasons may hold text of strangers. */
function shown<Event extends PipelineEvent>(event: Event): Event {
  const plain = (value: unknown) => (typeof value === 'string' ? plainText(value) : value);
  return Object.fromEntries(Object.entries(event).map(([name, value]) => [name, plain(value)])) as unknown as Event;
}

function fieldsOf(event: PipelineEvent): Record<string, unknown> {
  const { type, ...fields } = event;
  if (event.type === 'committed') return { event: type, ...fields, offset: String(event.offset) };
  if (event.type === 'load') {
    const { sample, depthLimit, held } = event;
    return { event: type, ...sample, depthLimit, ...(held && { held }) };
  }
  return { event: type, ...fields };
}

function messageFor(event: PipelineEvent): string {
  switch (event.type) {
    case 'started':
      return `Ready: ${event.model} on ${event.engine}`;
    case 'assigned':
      return `Takes frames of ${event.topic}/${event.partition}`;
    case 'revoked':
      return `No longer takes frames of ${event.topic}/${event.partition}`;
    case 'offset-map-ignored':
      return `Finished frames of ${event.topic}/${event.partition} may come again: ${event.reason}`;
    case 'dead-lettered':
      return `Frame ${event.id} refused at ${event.step}: ${event.reason}`;
    case 'degraded':
      return `Goes on without the ${event.what}: ${event.reason}`;
    case 'recovered':
      return `The ${event.what} is back`;
    case 'engine-restarted':
      return `Stage run failed, ${event.framesToRunAgain} frames run again: ${event.reason}`;
    case 'retry':
      return `Tries again in ${event.inMs} ms: ${event.what}: ${event.reason}`;
    case 'failed':
      return `Cannot go on: ${event.reason}`;
    case 'drained':
      return `Drained in ${Math.round(event.inMs)} ms`;
    default:
      return event.type;
  }
}
