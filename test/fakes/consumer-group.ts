// kafkajs' own consumer group and runner, on brokers whose answers a test makes up.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const require = createRequire(import.meta.url);
export const ConsumerGroup = require('kafkajs/src/consumer/consumerGroup');
export const Runner = require('kafkajs/src/consumer/runner');
const Emitter = require('kafkajs/src/instrumentation/emitter');
const { MemberAssignment } = require('kafkajs/src/consumer/assignerProtocol');
const { createErrorFromCode } = require('kafkajs/src/protocol/error');
const { KafkaJSConnectionError, KafkaJSConnectionClosedError } = require('kafkajs/src/errors');

/** Of the broker's protocol. */
export const CODES = { notCoordinator: 16, illegalGeneration: 22, unknownMember: 25, rebalancing: 27 };
export const protocolError = (code: number): Error => createErrorFromCode(code);
export const refused = (): Error =>
  new KafkaJSConnectionError('Connection error: connect ECONNREFUSED', { broker: 'h:1', code: 'ECONNREFUSED' });
export const closed = (): Error => new KafkaJSConnectionClosedError('Closed connection', { host: 'h', port: 1 });

export interface Answers {
  /** The partitions of "frames" that a generation gives; throws where the answer is lost. */
  sync(generation: number): number[];
  /** Throws what a broker, or the connection to it, says. */
  heartbeat(nodeId: string, generation: number): void;
  fetch(nodeId: string, partitions: number[]): void;
  join(): void;
  /** The node that `nodeId` names; throws where it cannot be asked. */
  coordinator(nodeId: string): string;
}

const logger: object = { namespace: () => logger, info() {}, warn() {}, error() {}, debug() {} };
export const PAUSE_MS = 2;

/** A member of a group on the brokers 0 and 1, which lead the partition of their number; running until it crashes or is stopped. */
export async function runMember(answers: Partial<Answers> = {}, retries = 38) {
  const log: string[] = [];
  let generation = 0;
  const broker = (nodeId: string) => ({
    nodeId,
    isConnected: () => true,
    joinGroup: async ({ memberId }: { memberId: string }) => {
      answers.join?.();
      generation += 1;
      log.push(`join ${generation} on ${nodeId} as ${memberId || 'nobody'}`);
      const member = memberId || `member-of-${generation}`;
      return { generationId: generation, leaderId: 'other', memberId: member, members: [], groupProtocol: 'x' };
    },
    syncGroup: async ({ generationId }: { generationId: number }) => {
      const assignment = { frames: answers.sync?.(generationId) ?? [0, 1] };
      return { memberAssignment: MemberAssignment.encode({ version: 1, assignment, userData: Buffer.alloc(0) }) };
    },
    heartbeat: async ({ groupGenerationId }: { groupGenerationId: number }) => {
      answers.heartbeat?.(nodeId, groupGenerationId);
      if (groupGenerationId !== generation) throw protocolError(CODES.illegalGeneration);
    },
    offsetFetch: async ({ topics }: { topics: { topic: string; partitions: object[] }[] }) => ({
      responses: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map((one) => ({ ...one, offset: '5' })),
      })),
    }),
    fetch: async ({ topics }: { topics: { topic: string; partitions: { partition: number }[] }[] }) => {
      const partitions = topics.flatMap((one) => one.partitions.map(({ partition }) => partition));
      log.push(`fetch ${partitions}`);
      await sleep(PAUSE_MS);
      answers.fetch?.(nodeId, partitions);
      return { responses: [] };
    },
    findGroupCoordinator: async () => {
      log.push(`find on ${nodeId}`);
      return { coordinator: { nodeId: answers.coordinator?.(nodeId) ?? '0' } };
    },
  });
  const brokers: Record<string, ReturnType<typeof broker>> = { 0: broker('0'), 1: broker('1') };
  const findBroker = async ({ nodeId }: { nodeId: string }) => brokers[nodeId];
  const cluster = {
    connect: async () => {},
    refreshMetadataIfNecessary: async () => {},
    refreshMetadata: async () => {},
    removeBroker() {},
    findGroupCoordinator: async () => brokers[answers.coordinator?.('1') ?? '0'],
    findBroker,
    brokerPool: { findBroker },
    getNodeIds: () => Object.keys(brokers),
    committedOffsets: () => ({}),
    findTopicPartitionMetadata: () => [
      { partitionId: 0, leader: 0 },
      { partitionId: 1, leader: 1 },
    ],
  };
  const retry = { initialRetryTime: 2, maxRetryTime: 10, retries };
  const instrumentationEmitter = new Emitter();
  instrumentationEmitter.addListener('consumer.group_join', () => log.push('joined'));
  const group = new ConsumerGroup({
    retry,
    cluster,
    groupId: 'workers',
    topics: ['frames'],
    topicConfigurations: { frames: { fromBeginning: true } },
    logger,
    instrumentationEmitter,
    assigners: [{ name: 'x', protocol: () => ({ name: 'x', metadata: Buffer.alloc(0) }) }],
    sessionTimeout: 30_000,
    rebalanceTimeout: 60_000,
    maxWaitTimeInMs: PAUSE_MS,
    autoCommit: false,
  });
  const runner = new Runner({
    logger,
    consumerGroup: group,
    instrumentationEmitter,
    eachBatchAutoResolve: false,
    concurrency: 1,
    eachBatch: async () => {},
    heartbeatInterval: 0,
    onCrash: (error: Error) => log.push(`crash: ${error.message}`),
    retry,
    autoCommit: false,
  });
  await runner.start();
  const stop = (): Promise<void> => runner.stop();
  /** Until it has said so, or some seconds have gone by. */
  const until = async (said: string) => {
    for (let ms = 0; ms < 4000 && !log.some((line) => line.startsWith(said)); ms += PAUSE_MS) await sleep(PAUSE_MS);
    return log;
  };
  return { log, group, until, stop, pause: () => sleep(PAUSE_MS) };
}
