// FrameSource in memory and on Kafka pass one suite.
import { randomUUID } from 'node:crypto';
import { KafkaFrameSender } from '../../src/adapters/kafka/frame-sender.ts';
import { KafkaFrameSource } from '../../src/adapters/kafka/frame-source.ts';
import { createTopics } from '../../src/adapters/kafka/topics.ts';
import { MemoryFrameSender } from '../../src/adapters/memory/frame-sender.ts';
import { MemoryFrameSource } from '../../src/adapters/memory/frame-source.ts';
import { MemoryLog } from '../../src/adapters/memory/log.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { realServers } from '../helpers/servers/servers.ts';
import { frameSourceContract } from './frame-source.ts';

frameSourceContract('memory', async () => ({
  async open(partitions) {
    const log = new MemoryLog(systemClock);
    const topic = 'frames';
    log.createTopic(topic, partitions);
    const sender = new MemoryFrameSender(log, topic);
    return {
      topic,
      source: () => new MemoryFrameSource({ log, topic, groupId: 'workers' }),
      send: (records) => sender.send(records),
    };
  },
}));

frameSourceContract('Kafka', async () => {
  const servers = await realServers();
  if (servers === null) return null;
  const brokers = servers.kafkaBrokers;
  return {
    async open(partitions) {
      const topic = `frames-${randomUUID()}`;
      await createTopics({ brokers }, [{ topic, partitions }]);
      return {
        topic,
        source: () => new KafkaFrameSource({ brokers, topic, groupId: `workers-of-${topic}` }),
        async send(records) {
          const sender = new KafkaFrameSender({ brokers, topic });
          await sender.start();
          await sender.send(records);
          await sender.stop();
        },
      };
    },
  };
});
