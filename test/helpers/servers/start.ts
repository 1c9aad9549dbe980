// The real Kafka and Redis of a test run: those that the environment names, else fresh ones of our own.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { askBroker } from '../../../src/adapters/kafka/probe.ts';
import { probeRedis } from '../../../src/adapters/redis/probe.ts';
import { startServices } from '../../../src/adapters/system/services/services.ts';

export interface ServerAddresses {
  readonly kafkaBrokers: readonly string[];
  readonly redisUrl: string;
}

export interface TestServers {
  readonly addresses: ServerAddresses;
  stop(): Promise<void>;
}

/** TEST_KAFKA_BROKERS with TEST_REDIS_URL, else containers, else Java jars and redis-server. Rejects with what is missing. */
export async function startTestServers(environment = process.env): Promise<TestServers> {
  const brokers = environment['TEST_KAFKA_BROKERS'];
  const redisUrl = environment['TEST_REDIS_URL'];
  if (brokers && redisUrl) {
    const kafkaBrokers = brokers.split(',').map((broker) => broker.trim());
    await askBroker(kafkaBrokers);
    await probeRedis(redisUrl);
    return { addresses: { kafkaBrokers, redisUrl }, stop: async () => {} };
  }
  if (brokers || redisUrl) throw new Error('Expected both TEST_KAFKA_BROKERS and TEST_REDIS_URL, or none of them');
  const cache = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const services = await startServices({
    kafkaPort: 0,
    redisPort: 0,
    cacheFolder: join(cache, 'anytime-stream'),
    path: environment['PATH'] ?? '',
    askKafka: askBroker,
    askRedis: async (url) => {
      await probeRedis(url);
    },
    say: (line) => console.error(`[test servers] ${line}`),
  });
  const { kafkaBrokers, redisUrl: ownRedis } = services;
  return { addresses: { kafkaBrokers, redisUrl: ownRedis }, stop: () => services.stop() };
}
