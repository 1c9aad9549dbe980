// Making the topics that are missing.
import type { Admin, ITopicMetadata } from 'kafkajs';
import type { ResultTopics } from '../../core/envelope.ts';
import { AnytimeError } from '../../errors.ts';
import { brokerError } from './broker-error.ts';
import { createClient, type KafkaOptions } from './client.ts';
import { untilKnown } from './until-known.ts';

export interface WantedTopic {
  readonly topic: string;
  readonly partitions: number;
  /** Topic settings for a topic that is made now, for example { 'max.message.bytes': '1200000' }. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface TopicState {
  readonly topic: string;
  readonly partitions: number;
  readonly isNew: boolean;
  /** True when it was there before with fewer partitions than wanted: it stays so. */
  readonly hasFewer: boolean;
}

/**
 * A dead letter is its record plus error headers, so its topic must take a little more than the largest record of the frames
 * topic (1 MiB unless set otherwise).
 */
export const DEAD_LETTER_SETTINGS = { 'max.message.bytes': String(1_048_588 + 131_072) };

/** Whatever a sender compresses with, the broker unpacks it: images gain nothing, and the worker reads only what is plain or gzip. */
export const FRAMES_SETTINGS = { 'compression.type': 'uncompressed' };

/** All that workers read and write. `results`: settings of the result topics. */
export function topicsOfWorkers(
  framesTopic: string,
  { coarse, refined, deadLetters }: ResultTopics,
  partitions: number,
  results: Readonly<Record<string, string>> = {},
): WantedTopic[] {
  return [
    { topic: framesTopic, partitions, settings: FRAMES_SETTINGS },
    ...[coarse, refined].map((topic) => ({ topic, partitions, settings: results })),
    { topic: deadLetters, partitions: 1, settings: DEAD_LETTER_SETTINGS },
  ];
}

/** Makes the topics that are not there; they take records then. Replicas: the broker's default. Errors: bad-argument, broker-unavailable. */
export async function createTopics(options: KafkaOptions, wanted: readonly WantedTopic[]): Promise<TopicState[]> {
  for (const { topic, partitions } of wanted) {
    if (Number.isInteger(partitions) && partitions >= 1) continue;
    const message = `Expected partitions of topic "${topic}" to be a whole number above 0, got ${partitions}`;
    throw new AnytimeError('bad-argument', message);
  }
  const admin = createClient(options).admin();
  try {
    await admin.connect();
    const before = new Set(await admin.listTopics());
    const missing = wanted.filter(({ topic }) => !before.has(topic));
    if (missing.length > 0) {
      // A topic that another worker makes at the same moment is fine: kafkajs answers false for it.
      await admin.createTopics({
        waitForLeaders: false, // kafkajs would give up at a broker that does not know the topic yet: asked for below
        topics: missing.map(({ topic, partitions, settings = {} }) => ({
          topic,
          numPartitions: partitions,
          replicationFactor: -1,
          configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
        })),
      });
    }
    const topics = await knownTopics(
      admin,
      wanted.map(({ topic }) => topic),
    );
    for (const { topic } of missing) await untilKnown(() => admin.fetchTopicOffsets(topic)); // their leaders take records
    return wanted.map(({ topic, partitions }) => {
      const found = topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
      return { topic, partitions: found, isNew: !before.has(topic), hasFewer: found < partitions };
    });
  } catch (error) {
    throw brokerError('to create topics', error);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

function knownTopics(admin: Admin, topics: string[]): Promise<ITopicMetadata[]> {
  return untilKnown(async () => (await admin.fetchTopicMetadata({ topics })).topics);
}
