// What a broker says of itself, for `anytime doctor`, and whether it is up at all.

import { readApiVersions } from './api-versions.ts';
import { brokerError } from './broker-error.ts';
import { createClient, type KafkaOptions } from './client.ts';

export interface BrokerReport {
  readonly clusterId: string;
  readonly brokers: readonly { readonly id: number; readonly address: string }[];
  /** Versions of the requests that this product needs, as the broker offers them. */
  readonly apis: readonly {
    readonly name: string;
    readonly min: number;
    readonly max: number;
    readonly isUsable: boolean;
  }[];
  readonly topics: readonly { readonly name: string; readonly partitions: number }[];
}

/** Requests that the adapters make, with the versions that kafkajs 2.2.4 can speak. */
const NEEDED_APIS = [
  { key: 0, name: 'Produce', min: 3, max: 7 },
  { key: 1, name: 'Fetch', min: 4, max: 11 },
  { key: 2, name: 'ListOffsets', min: 1, max: 3 },
  { key: 3, name: 'Metadata', min: 0, max: 6 },
  { key: 8, name: 'OffsetCommit', min: 0, max: 5 },
  { key: 9, name: 'OffsetFetch', min: 1, max: 4 },
  { key: 11, name: 'JoinGroup', min: 0, max: 5 },
  { key: 12, name: 'Heartbeat', min: 0, max: 3 },
  { key: 14, name: 'SyncGroup', min: 0, max: 3 },
  { key: 22, name: 'InitProducerId', min: 0, max: 1 },
];

/** Rejects (broker-unavailable) when the cluster does not answer. */
export async function probeBroker(options: KafkaOptions): Promise<BrokerReport> {
  const admin = createClient(options).admin();
  try {
    await admin.connect();
    const cluster = await admin.describeCluster();
    const { topics } = await admin.fetchTopicMetadata();
    const offered = await readApiVersions(options.brokers[0] ?? '', options.clientConfig?.ssl);
    return {
      clusterId: cluster.clusterId,
      brokers: cluster.brokers.map(({ nodeId, host, port }) => ({ id: nodeId, address: `${host}:${port}` })),
      apis: NEEDED_APIS.map(({ key, name, min, max }) => {
        const range = offered.get(key) ?? { min: 0, max: -1 };
        return { name, ...range, isUsable: range.min <= max && range.max >= min };
      }),
      topics: topics.map(({ name, partitions }) => ({ name, partitions: partitions.length })),
    };
  } catch (error) {
    throw brokerError(`a broker at ${options.brokers.join(', ')}`, error);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** Resolves when a broker answers; rejects within about a second when none does. */
export async function askBroker(brokers: readonly string[]): Promise<void> {
  const retry = { retries: 0 };
  const admin = createClient({ brokers, clientConfig: { connectionTimeout: 1000, retry } }).admin({ retry });
  try {
    await admin.connect();
    await admin.describeCluster();
  } catch (error) {
    throw brokerError(`a broker at ${brokers.join(', ')}`, error);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
