// Mends what kafkajs 2.2.4 does when its last connection closes just as it sets up its fetches: for a moment it knows no broker, takes
// that for the end, and the consumer falls over. Its successor is another member, for which the group waits until the session of the one before
// is over. Here the brokers known last are asked: that fails as a fetch on a closed connection does, which kafkajs gets over by itself.
import { createRequire } from 'node:module';
import { mendOnce } from './mend-once.ts';

interface ConsumerGroup {
  getNodeIds(): readonly string[];
}

/** Patches the class once per process; calling it again changes nothing. */
export function mendNodeIds(): void {
  const groupClass = createRequire(import.meta.url)('kafkajs/src/consumer/consumerGroup') as {
    prototype: ConsumerGroup;
  };
  mendOnce(groupClass.prototype, (prototype) => {
    const lastKnown = new WeakMap<ConsumerGroup, readonly string[]>();
    const nodeIds = prototype.getNodeIds;
    prototype.getNodeIds = function () {
      const now = nodeIds.call(this);
      if (now.length === 0) return lastKnown.get(this) ?? now;
      lastKnown.set(this, now);
      return now;
    };
  });
}
