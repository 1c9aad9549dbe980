// The kafkajs client that every Kafka adapter is made from: quiet, patched, with bounded retries.
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { AnytimeError } from '../../errors.ts';
import { mendAbortedRecords } from './aborted-records-patch.ts';
import { mendAllTopics } from './all-topics-patch.ts';
import { mendErrorCount } from './error-count-patch.ts';
import { mendFailedJoin } from './failed-join-patch.ts';
import { mendFetchOrder } from './fetch-order-patch.ts';
import { mendLostCoordinator } from './lost-coordinator-patch.ts';
import { mendNodeIds } from './node-ids-patch.ts';
import { mendRecordBatches } from './record-batches-patch.ts';
import { mendRecordHeaders } from './record-headers-patch.ts';
import { mendRequestQueue } from './request-queue-patch.ts';
import type { SocketSet } from './socket-set.ts';
import { mendStaleFetch } from './stale-fetch-patch.ts';

export interface KafkaOptions {
  /** host:port of some brokers. */
  readonly brokers: readonly string[];
  readonly clientId?: string;
  /** Handed to kafkajs as it is (ssl, sasl, timeouts …). */
  readonly clientConfig?: Partial<Omit<KafkaConfig, 'brokers' | 'clientId'>>;
  /** Told kafkajs' own error lines: names and messages only, never settings or contents. Silent when left out. */
  readonly log?: (line: string) => void;
}

/** Some seconds in all: enough for a broker that is loading its coordinator, short enough to say so when it is away. */
export const RETRY = { initialRetryTime: 100, maxRetryTime: 2000, retries: 6 };

/** Makes no connection; those that it will make are remembered in `sockets`. Errors: bad-argument without brokers. */
export function createClient(options: KafkaOptions, sockets?: SocketSet): Kafka {
  const { brokers, clientId = 'anytime-stream', clientConfig, log } = options;
  if (brokers.length === 0) {
    throw new AnytimeError('bad-argument', 'Expected at least one Kafka broker as host:port, got none');
  }
  mendRequestQueue();
  mendNodeIds();
  mendRecordHeaders();
  mendRecordBatches();
  mendAbortedRecords();
  mendFetchOrder();
  mendAllTopics();
  mendStaleFetch();
  mendErrorCount();
  mendFailedJoin();
  mendLostCoordinator();
  return new Kafka({
    connectionTimeout: 3000,
    requestTimeout: 10_000,
    retry: RETRY,
    ...clientConfig,
    ...(sockets && { socketFactory: sockets.factory(clientConfig?.socketFactory) }),
    clientId,
    brokers: [...brokers],
    logLevel: log ? logLevel.ERROR : logLevel.NOTHING,
    logCreator:
      () =>
      ({ namespace, log: { message, error } }) =>
        log?.(`kafkajs ${namespace}: ${message}${typeof error === 'string' ? `: ${error}` : ''}`),
  });
}
