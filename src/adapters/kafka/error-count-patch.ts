// Mends how kafkajs 2.2.4 counts the errors of a consumer: over all of its life, as its count begins anew only when it joins its group. Each one
// makes it wait longer after the next, and the last of them ends it, months apart as they may be. Here the count begins anew with an error of what
// was in order since its last one: a fetch from the same broker, or a heartbeat that was answered. What fails every time is counted on.
import { createRequire } from 'node:module';
import { mendOnce } from './mend-once.ts';

interface ConsumerGroup {
  /** Its own for good, and what it is known by here: other mends call it through an object that stands for it. */
  readonly subscriptionState: object;
  /** When a heartbeat was answered last, epoch ms. */
  lastRequest: number;
  fetch(nodeId: number | string): Promise<unknown>;
  heartbeat(options: { readonly interval: number }): Promise<void>;
  recoverFromFetch(error: unknown): Promise<void>;
}

interface FetchManager {
  /** Fetches until something fails. */
  start(): Promise<void>;
}

interface Runner {
  readonly fetchManager: FetchManager;
  /** Starts the fetch manager within a count of its own, and comes again when that ends without error. */
  scheduleFetchManager(): void;
}

/** Patches the classes once per process; calling it again changes nothing. */
export function mendErrorCount(): void {
  const require = createRequire(import.meta.url);
  const { prototype: group } = require('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup };
  const { prototype: runner } = require('kafkajs/src/consumer/runner') as { prototype: Runner };
  mendOnce(
    runner,
    () => {
      const isFirst = watchErrors(group);
      const { scheduleFetchManager } = runner;
      const mended = new WeakSet<FetchManager>();
      runner.scheduleFetchManager = function () {
        if (!mended.has(this.fetchManager)) countAnew(this.fetchManager, isFirst);
        mended.add(this.fetchManager);
        scheduleFetchManager.call(this);
      };
    },
    'error count',
  );
}

/** An error that is the first ends the count there is, and is thrown as the first of the next one. */
function countAnew(manager: FetchManager, isFirst: (error: unknown) => boolean): void {
  const { start } = manager;
  let kept: { readonly error: unknown } | null = null;
  manager.start = async () => {
    if (kept) {
      const { error } = kept;
      kept = null;
      throw error;
    }
    try {
      await start();
    } catch (error) {
      if (!isFirst(error)) throw error;
      kept = { error };
    }
  };
}

/** Tells of an error whether what failed by it had been in order since it failed before. */
function watchErrors(prototype: ConsumerGroup): (error: unknown) => boolean {
  const { fetch, heartbeat } = prototype;
  const first = new WeakSet<object>();
  const seen = new WeakSet<object>();
  const inOrder = new WeakMap<object, Set<string>>();
  const workingOf = ({ subscriptionState }: ConsumerGroup) => {
    const working = inOrder.get(subscriptionState) ?? new Set();
    inOrder.set(subscriptionState, working);
    return working;
  };
  /** Several may get the same error: one heartbeat serves all. */
  const failed = (group: ConsumerGroup, what: string, error: unknown) => {
    if (typeof error !== 'object' || error === null || seen.has(error)) return;
    seen.add(error);
    if (workingOf(group).delete(what)) first.add(error);
  };
  prototype.fetch = async function (nodeId) {
    const what = `fetch from ${nodeId}`;
    let isGood = true;
    const recoverFromFetch = async (error: unknown) => {
      isGood = false; // kafkajs gets over it, which says nothing of the next one
      await this.recoverFromFetch(error);
    };
    try {
      const batches = await fetch.call(Object.create(this, { recoverFromFetch: { value: recoverFromFetch } }), nodeId);
      if (isGood) workingOf(this).add(what);
      return batches;
    } catch (error) {
      failed(this, what, error);
      throw error;
    }
  };
  prototype.heartbeat = async function (options) {
    const before = this.lastRequest;
    try {
      await heartbeat.call(this, options);
      if (this.lastRequest !== before) workingOf(this).add('heartbeat'); // none was due otherwise
    } catch (error) {
      failed(this, 'heartbeat', error);
      throw error;
    }
  };
  return (error) => typeof error === 'object' && error !== null && first.has(error);
}
