// Mends the order in which kafkajs 2.2.4 asks a broker for partitions: always the same, and a response that is full (by the broker, or
// as it is unpacked: record-batches-patch.ts) leaves the last ones out for as long as the first ones have more. Here each fetch begins with
// a partition drawn by chance, so that each has its turn.
import { createRequire } from 'node:module';
import { mendOnce } from './mend-once.ts';

interface Assigned {
  readonly topic: string;
  readonly partitions: readonly number[];
}

interface SubscriptionState {
  assigned(): Assigned[];
}

/** Patches the class once per process; calling it again changes nothing. */
export function mendFetchOrder(): void {
  const stateClass = createRequire(import.meta.url)('kafkajs/src/consumer/subscriptionState') as {
    prototype: SubscriptionState;
  };
  mendOnce(stateClass.prototype, (prototype) => {
    const { assigned } = prototype;
    prototype.assigned = function () {
      const topics = assigned.call(this).map(({ topic, partitions }) => ({ topic, partitions: rotated(partitions) }));
      return rotated(topics);
    };
  });
}

/** The same, from one of them on, each as likely. */
function rotated<T>(list: readonly T[]): T[] {
  const from = Math.floor(Math.random() * list.length);
  return [...list.slice(from), ...list.slice(0, from)];
}
