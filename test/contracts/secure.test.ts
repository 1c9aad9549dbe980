// The four ports on servers that want TLS, a user and a password pass their suites with the rights that SECURITY.md names, and no others.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { KafkaFrameSender } from '../../src/adapters/kafka/frame-sender.ts';
import { KafkaFrameSource } from '../../src/adapters/kafka/frame-source.ts';
import { KafkaResultReader } from '../../src/adapters/kafka/result-reader.ts';
import { KafkaResultSink } from '../../src/adapters/kafka/result-sink.ts';
import { createTopics } from '../../src/adapters/kafka/topics.ts';
import { RedisBudgetStore } from '../../src/adapters/redis/budget-store.ts';
import { RedisDepthStore } from '../../src/adapters/redis/depth-store.ts';
import { loadConfig } from '../../src/config.ts';
import { kafkaConnection, redisConnection } from '../../src/connections.ts';
import type { DepthStore } from '../../src/ports.ts';
import { type SaslMechanism, secureSettings } from '../helpers/servers/secure-settings.ts';
import { secureServers } from '../helpers/servers/servers.ts';
import { budgetStoreContract } from './budget-store.ts';
import { depthStoreContract } from './depth-store.ts';
import { frameSourceContract } from './frame-source.ts';
import { resultSinkContract } from './result-sink.ts';

/** Settings of a user; null where there are no servers. */
async function settingsOf(how: SaslMechanism | 'mutual-tls' = 'scram-sha-512') {
  const servers = await secureServers();
  if (servers === null) return null;
  return (user: string) => loadConfig({ environment: {}, flags: secureSettings(servers, user, how) });
}

frameSourceContract('Kafka, SASL/SCRAM over TLS', async () => {
  const settings = await settingsOf();
  if (settings === null) return null;
  const [admin, worker, sends] = ['admin', 'worker', 'sender'].map((user) => kafkaConnection(settings(user)));
  if (!admin || !worker || !sends) return null;
  return {
    async open(partitions) {
      const topic = `frames-${randomUUID()}`;
      await createTopics(admin, [{ topic, partitions }]);
      return {
        topic,
        source: () => new KafkaFrameSource({ ...worker, topic, groupId: `workers-of-${topic}` }),
        async send(records) {
          const sender = new KafkaFrameSender({ ...sends, topic });
          await sender.start();
          await sender.send(records);
          await sender.stop();
        },
      };
    },
  };
});

resultSinkContract('Kafka, mutual TLS', async () => {
  const settings = await settingsOf('mutual-tls');
  if (settings === null) return null;
  return {
    async open() {
      const run = randomUUID();
      const topics = { coarse: `coarse-${run}`, refined: `refined-${run}`, deadLetters: `dlq-${run}` };
      const partitions = [topics.coarse, topics.refined].map((topic) => ({ topic, partitions: 3 }));
      const admin = kafkaConnection(settings('admin'));
      await createTopics(admin, [...partitions, { topic: topics.deadLetters, partitions: 1 }]);
      return {
        topics,
        sink: () => new KafkaResultSink({ ...kafkaConnection(settings('worker')), topics }),
        reader: (from) => new KafkaResultReader({ ...kafkaConnection(settings('watcher')), topics, from }),
      };
    },
  };
});

budgetStoreContract('Redis, ACL and TLS', async () => {
  const settings = await settingsOf();
  if (settings === null) return null;
  const keyPrefix = `anytime:test-${randomUUID()}`;
  return {
    async store() {
      const store = new RedisBudgetStore({ ...redisConnection(settings('worker')), keyPrefix, timeoutMs: 2000 });
      await store.start();
      return store;
    },
    pass: (ms) => pause(ms),
  };
});

depthStoreContract('Redis, ACL and TLS', async () => {
  const settings = await settingsOf();
  if (settings === null) return null;
  const keyPrefix = `anytime:test-${randomUUID()}`;
  const connect = async (user: string) => {
    const store = new RedisDepthStore({ ...redisConnection(settings(user)), keyPrefix, timeoutMs: 2000 });
    await store.start();
    return store;
  };
  return {
    /** A worker's store, but for the limit, which is an operator's to set. */
    async store(): Promise<DepthStore> {
      const [worker, operator] = [await connect('worker'), await connect('operator')];
      return {
        start: () => worker.start(),
        report: (sample, ttlMs) => worker.report(sample, ttlMs),
        samples: () => worker.samples(),
        depthLimit: () => worker.depthLimit(),
        setDepthLimit: (limit) => operator.setDepthLimit(limit),
        async stop() {
          await Promise.all([worker.stop(), operator.stop()]);
        },
      };
    },
    pass: (ms) => pause(ms),
  };
});
