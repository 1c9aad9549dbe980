// What the worker talks to: Kafka with its topics, and Redis.
import { randomUUID } from 'node:crypto';
import { type BrokerReport, probeBroker } from '../../adapters/kafka/probe.ts';
import { RedisBudgetStore } from '../../adapters/redis/budget-store.ts';
import { probeRedis } from '../../adapters/redis/probe.ts';
import type { Config } from '../../config.ts';
import { kafkaConnection, redisConnection } from '../../connections.ts';
import { messageOf } from '../../errors.ts';
import { type Check, fail, ok, warn } from './check.ts';

/** Long enough for the write to be read back, short enough to leave nothing behind, ms. */
const PROBE_TTL_MS = 1000;

export async function checkKafka(config: Config): Promise<Check[]> {
  try {
    return brokerChecks(await probeBroker(kafkaConnection(config)), config);
  } catch (error) {
    const advice = 'Start one with `npm run services`, or give --kafka-brokers; `anytime demo` runs without';
    return [fail('Kafka', messageOf(error), advice)];
  }
}

/** What a broker said of itself, as checks. */
export function brokerChecks({ brokers, apis, topics }: BrokerReport, config: Config): Check[] {
  const foreign = apis.filter(({ isUsable }) => !isUsable);
  const wanted = [config.framesTopic, config.coarseTopic, config.refinedTopic, config.deadLetterTopic];
  const there = new Map(topics.map(({ name, partitions }) => [name, partitions]));
  const missing = wanted.filter((name) => !there.has(name));
  const apiText = apis.map(({ name, min, max }) => `${name} ${min}–${max}`).join(', ');
  return [
    ok('Kafka', brokers.map(({ address }) => address).join(', ')),
    foreign.length === 0
      ? ok('Kafka API versions', apiText)
      : fail(
          'Kafka API versions',
          `unusable: ${foreign.map(({ name, min, max }) => `${name} ${min}–${max}`).join(', ')}`,
          'Use a broker from Apache Kafka 2.1 to 4.x, and its client port, not the controller port',
        ),
    missing.length === 0
      ? ok('topics', wanted.map((name) => `${name} (${there.get(name)})`).join(', '))
      : warn('topics', `missing: ${missing.join(', ')}`, 'Make them with `anytime worker --create-topics 4`'),
  ];
}

export async function checkRedis(config: Config): Promise<Check> {
  const name = 'Redis';
  const redis = redisConnection(config);
  const store = new RedisBudgetStore({
    ...redis,
    keyPrefix: `${config.redisPrefix}:doctor`,
    timeoutMs: 1000,
    rememberedMs: PROBE_TTL_MS,
  });
  try {
    const { version, roundTripMs } = await probeRedis(redis.url, redis.redisConfig);
    await store.start();
    await store.begin([randomUUID()], PROBE_TTL_MS);
    return ok(name, `${version}, ${roundTripMs.toFixed(1)} ms away, takes writes`);
  } catch (error) {
    const advice =
      'Start one with `npm run services`, or give --redis-url; workers go on without it, but forget spent budgets';
    return warn(name, messageOf(error), advice);
  } finally {
    await store.stop();
  }
}
