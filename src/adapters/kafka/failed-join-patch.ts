// Mends what kafkajs 2.2.4 does when a join of its group fails half-way: it has the new generation's number from the first half, and the
// assignment of before, as the answer with the new one was lost. It does not join again, and its heartbeats are in order: it reads partitions
// that others have by now, and nobody reads those it was given. Or it has no member id, and sends no heartbeat at all. Here a group that could
// not join neither fetches nor heartbeats: either says what the broker would of an old generation, and kafkajs joins again, as the same member.
import { createRequire } from 'node:module';
import { mendOnce } from './mend-once.ts';

interface ConsumerGroup {
  /** Its own for good, and what it is known by here: other mends call it through an object that stands for it. */
  readonly subscriptionState: object;
  joinAndSync(): Promise<void>;
  fetch(nodeId: number | string): Promise<unknown>;
  heartbeat(options: { readonly interval: number }): Promise<void>;
}

const ILLEGAL_GENERATION = 22;

/** Patches the class once per process; calling it again changes nothing. */
export function mendFailedJoin(): void {
  const require = createRequire(import.meta.url);
  const groupClass = require('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup };
  const { createErrorFromCode } = require('kafkajs/src/protocol/error') as { createErrorFromCode(code: number): Error };
  const mend = (prototype: ConsumerGroup) => {
    const { joinAndSync, fetch, heartbeat } = prototype;
    const unjoined = new WeakSet<object>();
    const checkJoined = (group: ConsumerGroup) => {
      if (unjoined.has(group.subscriptionState)) throw createErrorFromCode(ILLEGAL_GENERATION);
    };
    prototype.joinAndSync = async function () {
      try {
        await joinAndSync.call(this);
        unjoined.delete(this.subscriptionState);
      } catch (error) {
        unjoined.add(this.subscriptionState);
        throw error;
      }
    };
    prototype.fetch = async function (nodeId) {
      checkJoined(this);
      return await fetch.call(this, nodeId);
    };
    prototype.heartbeat = async function (options) {
      checkJoined(this);
      await heartbeat.call(this, options);
    };
  };
  mendOnce(groupClass.prototype, mend, 'failed join');
}
