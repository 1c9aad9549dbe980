// Kafka and Redis of a chaos run: real servers that can be killed and started again on the same port and data, each with a door
// that the workers go through. The sender and the watcher go straight: what happens at the doors is the workers' trouble alone.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { askBroker } from '../../adapters/kafka/probe.ts';
import { probeRedis } from '../../adapters/redis/probe.ts';
import type { Child } from '../../adapters/system/services/child.ts';
import { fetchJars } from '../../adapters/system/services/jars.ts';
import { prepareKafka, runKafka } from '../../adapters/system/services/kafka-process.ts';
import { freePort } from '../../adapters/system/services/ports.ts';
import { untilReady } from '../../adapters/system/services/ready.ts';
import { redisFromJar, redisOnPath, startRedis } from '../../adapters/system/services/redis-process.ts';
import { machinePaths } from '../../config.ts';
import { type RemoteDoor, startDoors } from './doors.ts';

export interface ChaosServices {
  /** Straight, for the sender and the watcher. */
  readonly brokers: readonly string[];
  readonly redisPort: number;
  /** What the workers are told. */
  readonly workerBroker: string;
  readonly workerRedisUrl: string;
  readonly kafkaDoor: RemoteDoor;
  readonly redisDoor: RemoteDoor;
  /** Killed, away for so long, started on what it left; resolves when it answers again. */
  restartKafka(awayMs: number): Promise<void>;
  /** Killed, away for so long, started empty; resolves when it answers again. */
  restartRedis(awayMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** Lowest session timeout that the broker takes, ms: a fleet of a test is quicker than the usual 6 s. */
const LEAST_SESSION_MS = 1000;

/** Errors: broker-unavailable, store-unavailable, saying what is missing. */
export async function startChaosServices(say: (line: string) => void): Promise<ChaosServices> {
  const { cacheFolder, path } = machinePaths();
  const jars = await fetchJars(join(cacheFolder, 'servers'), say);
  const redisBinary = (await redisOnPath(path)) ?? (await redisFromJar(jars));
  const kafkaPort = await freePort(0, 'Kafka');
  const behindDoor = await freePort(0, "Kafka's door");
  const redisPort = await freePort(0, 'Redis');
  const doors = startDoors();
  const [kafkaDoor, redisDoor] = await Promise.all([doors.open('kafka', behindDoor), doors.open('redis', redisPort)]);
  const folder = await mkdtemp(join(tmpdir(), 'anytime-chaos-kafka-'));
  const controllerPort = await freePort(0, 'the Kafka controller');
  const settings = kafkaSettings({ kafkaPort, behindDoor, doorPort: kafkaDoor.port, controllerPort });
  await prepareKafka(jars, folder, kafkaPort, settings);
  const brokers = [`127.0.0.1:${kafkaPort}`];
  let isStopped = false;
  let kafka: Child = runKafka(jars, folder, true);
  let redis: Child = await startRedis(redisBinary, redisPort);
  const kafkaReady = () => untilReady('Kafka', () => askBroker(brokers), kafka);
  const redisReady = () =>
    untilReady('Redis', async () => void (await probeRedis(`redis://127.0.0.1:${redisPort}`)), redis);
  const stop = async () => {
    isStopped = true;
    await Promise.all([doors.stop(), kafka.stop(), redis.stop()]);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await Promise.all([kafkaReady(), redisReady()]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ brokers, redisPort, kafkaDoor, redisDoor, stop },
    workerBroker: `127.0.0.1:${kafkaDoor.port}`,
    workerRedisUrl: `redis://127.0.0.1:${redisDoor.port}`,
    async restartKafka(awayMs) {
      await kafka.stop();
      await pause(awayMs);
      if (isStopped) return;
      // On a busy machine it may take longer than a first start is given: it is waited for, and started again if it ended.
      for (let isReady = false; !isReady && !isStopped; ) {
        if (kafka.hasExited) kafka = runKafka(jars, folder, true);
        isReady = await kafkaReady().then(
          () => true,
          () => false,
        );
      }
    },
    async restartRedis(awayMs) {
      await redis.stop();
      await pause(awayMs);
      if (isStopped) return;
      redis = await startRedis(redisBinary, redisPort);
      await redisReady();
    },
  };
}

/** A second listener that tells its clients the door's port as its own: kafkajs goes where the broker says it is. */
function kafkaSettings(ports: { kafkaPort: number; behindDoor: number; doorPort: number; controllerPort: number }) {
  const { kafkaPort, behindDoor, doorPort, controllerPort } = ports;
  const at = (name: string, port: number) => `${name}://127.0.0.1:${port}`;
  return {
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: [at('PLAINTEXT', kafkaPort), at('DOOR', behindDoor), at('CONTROLLER', controllerPort)].join(','),
    'advertised.listeners': [at('PLAINTEXT', kafkaPort), at('DOOR', doorPort)].join(','),
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,DOOR:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'group.min.session.timeout.ms': LEAST_SESSION_MS,
  };
}
