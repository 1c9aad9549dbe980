// Kafka and Redis as containers, by testcontainers: a development package, so it is asked for only when it is needed.
import { AnytimeError, messageOf } from '../../../errors.ts';
import type { Services } from './services.ts';

export const KAFKA_IMAGE = 'apache/kafka:4.1.0';
export const REDIS_IMAGE = 'redis:7.4-alpine';

/** Port on which the image's broker listens for clients. */
const KAFKA_PORT = 9092;
const REDIS_PORT = 6379;

/** True when testcontainers is installed and finds a container engine. */
export async function hasContainerEngine(): Promise<boolean> {
  try {
    const { getContainerRuntimeClient } = await import('testcontainers');
    await getContainerRuntimeClient();
    return true;
  } catch {
    return false; // no package, no engine, or no right to use it
  }
}

/** Starts both on these free ports. The engine's reaper removes them when this process ends, however it ends. */
export async function startContainers(kafkaPort: number, redisPort: number): Promise<Services> {
  const { GenericContainer } = await import('testcontainers');
  try {
    const kafka = new GenericContainer(KAFKA_IMAGE)
      .withExposedPorts({ container: KAFKA_PORT, host: kafkaPort })
      .withEnvironment({
        KAFKA_NODE_ID: '1',
        KAFKA_PROCESS_ROLES: 'broker,controller',
        KAFKA_LISTENERS: `PLAINTEXT://:${KAFKA_PORT},CONTROLLER://:9093`,
        KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${kafkaPort}`,
        KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
        KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
        KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
        KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '4',
        KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
        KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
        KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      });
    const redis = new GenericContainer(REDIS_IMAGE)
      .withExposedPorts({ container: REDIS_PORT, host: redisPort })
      .withCommand(['redis-server', '--save', '', '--appendonly', 'no']);
    const started = await Promise.allSettled([kafka.start(), redis.start()]);
    const running = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const stop = async () => {
      await Promise.all(running.map((container) => container.stop()));
    };
    const failed = started.find((result) => result.status === 'rejected');
    if (failed) {
      await stop();
      throw failed.reason;
    }
    return {
      kafkaBrokers: [`127.0.0.1:${kafkaPort}`],
      redisUrl: `redis://127.0.0.1:${redisPort}`,
      how: `containers (${KAFKA_IMAGE}, ${REDIS_IMAGE})`,
      stop,
    };
  } catch (cause) {
    throw new AnytimeError('broker-unavailable', `Expected the containers to start, got: ${messageOf(cause)}`, {
      cause,
    });
  }
}
