// Mends what kafkajs 2.2.4 does when the broker that coordinates its group goes away, and another one of the cluster takes over: it asks who the
// coordinator is only when it joins, and a heartbeat that finds no connection is no reason for that. It tries the same address until it falls over,
// commits fail meanwhile, and its successor is another member, for which the group waits. Here the other brokers are asked after such a
// heartbeat. Where one names another coordinator, the heartbeat says so, and kafkajs joins there as the same member; otherwise it fails as it did.
import { createRequire } from 'node:module';
import { mendOnce } from './mend-once.ts';

interface Broker {
  findGroupCoordinator(of: { groupId: string; coordinatorType: number }): Promise<{
    readonly coordinator: { readonly nodeId: number };
  }>;
}

interface ConsumerGroup {
  readonly groupId: string;
  /** The broker that was the coordinator when the group was joined. */
  readonly coordinator: { readonly nodeId: number } | null;
  readonly cluster: {
    getNodeIds(): readonly string[];
    /** Asks once: the cluster's own way tries for as long as the cluster is away, and the heartbeat's fetches wait for it. */
    readonly brokerPool: { findBroker(of: { nodeId: string }): Promise<Broker> };
  };
  heartbeat(options: { readonly interval: number }): Promise<void>;
}

const NOT_COORDINATOR = 16;
const OF_GROUPS = 0;
/** Closed, refused, or not answered in time. kafkajs' classes can't be imported by name. */
const OF_CONNECTION = /^KafkaJS(Connection|RequestTimeout)/;

/** Patches the class once per process; calling it again changes nothing. */
export function mendLostCoordinator(): void {
  const require = createRequire(import.meta.url);
  const groupClass = require('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup };
  const { createErrorFromCode } = require('kafkajs/src/protocol/error') as { createErrorFromCode(code: number): Error };
  const mend = (prototype: ConsumerGroup) => {
    const { heartbeat } = prototype;
    /** By the error: one heartbeat serves all fetches, and so does one question. */
    const asked = new WeakMap<Error, Promise<boolean>>();
    prototype.heartbeat = async function (options) {
      try {
        await heartbeat.call(this, options);
      } catch (error) {
        if (!(error instanceof Error && OF_CONNECTION.test(error.name))) throw error;
        const hasMoved = asked.get(error) ?? isCoordinatedElsewhere(this);
        asked.set(error, hasMoved);
        throw (await hasMoved) ? createErrorFromCode(NOT_COORDINATOR) : error;
      }
    };
  };
  mendOnce(groupClass.prototype, mend, 'lost coordinator');
}

/** As one of the other brokers says: all are asked at once. */
async function isCoordinatedElsewhere({ groupId, coordinator, cluster }: ConsumerGroup): Promise<boolean> {
  const before = String(coordinator?.nodeId);
  const others = cluster.getNodeIds().filter((nodeId) => nodeId !== before);
  const answers = others.map(async (nodeId) => {
    const broker = await cluster.brokerPool.findBroker({ nodeId });
    const now = await broker.findGroupCoordinator({ groupId, coordinatorType: OF_GROUPS });
    if (String(now.coordinator.nodeId) === before) throw new Error('the same');
  });
  return await Promise.any(answers).then(
    () => true,
    () => false,
  );
}
