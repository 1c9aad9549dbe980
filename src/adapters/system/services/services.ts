// A local Kafka and Redis: by containers where there is an engine, else by Java jars and redis-server.
import { join } from 'node:path';
import { messageOf } from '../../../errors.ts';
import type { Child } from './child.ts';
import { hasContainerEngine, startContainers } from './containers.ts';
import { fetchJars } from './jars.ts';
import { startKafka } from './kafka-process.ts';
import { freePort } from './ports.ts';
import { untilReady } from './ready.ts';
import { redisFromJar, redisOnPath, startRedis } from './redis-process.ts';

export interface Services {
  readonly kafkaBrokers: readonly string[];
  readonly redisUrl: string;
  /** What they run as, for people. */
  readonly how: string;
  /** Idempotent. */
  stop(): Promise<void>;
}

export interface ServicesOptions {
  /** 0 = any free one. */
  readonly kafkaPort: number;
  readonly redisPort: number;
  /** Where downloads are kept, for example ~/.cache/anytime-stream. */
  readonly cacheFolder: string;
  /** The PATH to look for redis-server on. */
  readonly path: string;
  /** Reject while the server at this address does not answer yet. */
  readonly askKafka: (brokers: readonly string[]) => Promise<void>;
  readonly askRedis: (url: string) => Promise<void>;
  /** Progress for people. */
  readonly say: (line: string) => void;
}

/**
 * Resolves when both answer. What was started ends with this process at the latest.
 * Errors: bad-argument (a port is taken), broker-unavailable or store-unavailable (saying what is missing).
 */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const kafkaPort = await freePort(options.kafkaPort, 'Kafka');
  const redisPort = await freePort(options.redisPort, 'Redis');
  const services = await startSomehow(options, kafkaPort, redisPort);
  try {
    await Promise.all([
      untilReady('Kafka', () => options.askKafka(services.kafkaBrokers), services.kafka),
      untilReady('Redis', () => options.askRedis(services.redisUrl), services.redis),
    ]);
  } catch (error) {
    await services.stop();
    throw error;
  }
  return services;
}

type StartedServices = Services & { readonly kafka?: Child; readonly redis?: Child };

async function startSomehow(options: ServicesOptions, kafkaPort: number, redisPort: number): Promise<StartedServices> {
  if (await hasContainerEngine()) {
    try {
      options.say('Starting containers …');
      return await startContainers(kafkaPort, redisPort);
    } catch (error) {
      options.say(`${messageOf(error)}; trying Java jars`);
    }
  }
  return startProcesses(options, kafkaPort, redisPort);
}

async function startProcesses(
  options: ServicesOptions,
  kafkaPort: number,
  redisPort: number,
): Promise<StartedServices> {
  const jars = await fetchJars(join(options.cacheFolder, 'servers'), options.say);
  const binary = (await redisOnPath(options.path)) ?? (await redisFromJar(jars));
  options.say('Starting Kafka (Java) and Redis …');
  const redis = await startRedis(binary, redisPort);
  const kafka = await startKafka(jars, kafkaPort).catch(async (error) => {
    await redis.stop();
    throw error;
  });
  return {
    kafkaBrokers: [`127.0.0.1:${kafkaPort}`],
    redisUrl: `redis://127.0.0.1:${redisPort}`,
    how: `Kafka from jars on Java, ${binary.startsWith(options.cacheFolder) ? 'redis-server from a jar' : binary}`,
    kafka,
    redis,
    async stop() {
      await Promise.all([kafka.stop(), redis.stop()]);
    },
  };
}
