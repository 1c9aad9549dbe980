// ResultSink in memory and on Kafka pass one suite.
import { randomUUID } from 'node:crypto';
import { KafkaResultReader } from '../../src/adapters/kafka/result-reader.ts';
import { KafkaResultSink } from '../../src/adapters/kafka/result-sink.ts';
import { createTopics } from '../../src/adapters/kafka/topics.ts';
import { MemoryLog } from '../../src/adapters/memory/log.ts';
import { MemoryResultReader } from '../../src/adapters/memory/result-reader.ts';
import { MemoryResultSink } from '../../src/adapters/memory/result-sink.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { realServers } from '../helpers/servers/servers.ts';
import { resultSinkContract } from './result-sink.ts';

resultSinkContract('memory', async () => ({
  async open() {
    const log = new MemoryLog(systemClock);
    const topics = { coarse: 'coarse', refined: 'refined', deadLetters: 'dlq' };
    return {
      topics,
      sink: () => new MemoryResultSink(log, topics),
      reader: (from) => new MemoryResultReader({ log, topics, from }),
    };
  },
}));

resultSinkContract('Kafka', async () => {
  const servers = await realServers();
  if (servers === null) return null;
  const brokers = servers.kafkaBrokers;
  return {
    async open() {
      const run = randomUUID();
      const topics = { coarse: `coarse-${run}`, refined: `refined-${run}`, deadLetters: `dlq-${run}` };
      // Dead letters in one partition, so that the suite can tell their order.
      const partitions = [topics.coarse, topics.refined].map((topic) => ({ topic, partitions: 3 }));
      await createTopics({ brokers }, [...partitions, { topic: topics.deadLetters, partitions: 1 }]);
      return {
        topics,
        sink: () => new KafkaResultSink({ brokers, topics }),
        reader: (from) => new KafkaResultReader({ brokers, topics, from }),
      };
    },
  };
});
