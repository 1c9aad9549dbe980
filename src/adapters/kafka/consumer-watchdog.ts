// Whether a kafkajs consumer lives: it can stay connected, even assigned, and consume nothing. Its events are what it says of itself:
//
//   joining ─▶ joined ─▶ heartbeats (two a second) and fetches (several a second, paused or not), batches while there are records
//
// What looks dead is asked about first: a broker that answers while the consumer says nothing means that the consumer is what is
// dead. A broker that does not answer is no reason to drop what is in hand: kafkajs tries again by itself, and falls over by itself.
// Time in which this process was stopped is not held against the consumer.
import type { Consumer } from 'kafkajs';

export interface WatchdogOptions {
  readonly consumer: Pick<Consumer, 'on' | 'events' | 'paused'>;
  /** Sum of the end offsets of what is consumed; rejects when no broker answers. */
  readonly endOffset: () => Promise<bigint>;
  /** Told once: why the consumer must be replaced, and until when it lived, epoch ms. */
  readonly dead: (error: Error, aliveUntil: number) => void;
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  /** No fetch for so long is death, and so is no record for so long after the topic was seen to have grown. */
  readonly fetchMs?: number;
}

interface Suspicion {
  readonly what: keyof typeof SILENCE;
  readonly since: number;
}

const SILENCE = {
  join: 'Has not joined its group',
  heartbeat: 'No heartbeat',
  fetch: 'No fetch',
  records: 'No record',
} as const;

const CHECKS_PER_FETCH = 6;
/** A stop counts as one from three of these on: a shorter one, and the heartbeat before it, are within a session. */
const CHECKS_PER_SESSION = 4;

/** Watches from now on; the function returned ends it. */
export function watchConsumer(options: WatchdogOptions): () => void {
  // kafkajs' own defaults for the two timeouts.
  const { consumer, sessionTimeoutMs = 30_000, rebalanceTimeoutMs = 60_000, fetchMs = 30_000 } = options;
  const everyMs = Math.min(fetchMs / CHECKS_PER_FETCH, sessionTimeoutMs / CHECKS_PER_SESSION);
  const start = Date.now();
  const heard = { join: start, heartbeat: start, fetch: start, records: start };
  let isJoined = false;
  let owned = 0;
  let endWhenQuiet: bigint | null = null;
  let grewAt: number | null = null;
  let lastCheckAt = start;
  let isAsking = false;
  let isOver = false;

  const { GROUP_JOIN, REBALANCING, HEARTBEAT, FETCH, START_BATCH_PROCESS } = consumer.events;
  consumer.on(REBALANCING, () => {
    isJoined = false;
    heard.join = Date.now();
  });
  consumer.on(GROUP_JOIN, ({ payload }) => {
    isJoined = true;
    owned = Object.values(payload.memberAssignment).reduce((sum, partitions) => sum + partitions.length, 0);
    heard.heartbeat = heard.fetch = Date.now();
    fed();
  });
  consumer.on(HEARTBEAT, () => {
    heard.heartbeat = Date.now();
  });
  consumer.on(FETCH, () => {
    heard.fetch = Date.now();
  });
  consumer.on(START_BATCH_PROCESS, fed);

  function fed(): void {
    heard.records = Date.now();
    endWhenQuiet = null;
    grewAt = null;
  }

  function suspicion(now: number): Suspicion | null {
    const silent = (what: Suspicion['what'], ms: number) =>
      now - heard[what] > ms ? { what, since: heard[what] } : null;
    if (!isJoined) return silent('join', rebalanceTimeoutMs + sessionTimeoutMs);
    const isHungry = owned > 0 ? silent('records', fetchMs) : null;
    return silent('heartbeat', sessionTimeoutMs) ?? silent('fetch', fetchMs) ?? isHungry;
  }

  async function check(): Promise<void> {
    const now = Date.now();
    const stoppedMs = now - lastCheckAt - everyMs;
    lastCheckAt = now;
    for (const what of Object.keys(heard) as (keyof typeof heard)[]) {
      if (stoppedMs > 2 * everyMs) heard[what] += stoppedMs;
      // A clock that was set back: kafkajs sends no heartbeat until it is as late again, and only a new consumer does.
      heard[what] = Math.min(heard[what], now);
    }
    if (grewAt !== null) grewAt = Math.min(grewAt, now);
    if (consumer.paused().length > 0) fed();
    const suspected = suspicion(now);
    if (suspected === null || isAsking) return;
    isAsking = true;
    try {
      const end = await options.endOffset();
      if (isDead(suspected, end)) give(suspected);
    } catch {
      // no broker answers
    } finally {
      isAsking = false;
    }
  }

  /** Still so after the broker's answer; a topic that does not grow has nothing to bring. */
  function isDead(suspected: Suspicion, end: bigint): boolean {
    if (heard[suspected.what] !== suspected.since) return false;
    if (suspected.what !== 'records') return true;
    endWhenQuiet ??= end;
    if (end > endWhenQuiet) grewAt ??= Date.now();
    return grewAt !== null && Date.now() - grewAt > fetchMs;
  }

  function give({ what, since }: Suspicion): void {
    if (isOver) return;
    stop();
    const seconds = Math.round((Date.now() - since) / 1000);
    options.dead(new Error(`${SILENCE[what]} for ${seconds} s, while the broker answers`), since);
  }

  function stop(): void {
    isOver = true;
    clearInterval(timer);
  }

  const timer = setInterval(() => void check(), everyMs).unref();
  return stop;
}
