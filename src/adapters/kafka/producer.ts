// An idempotent producer that gathers what comes while a request is under way, and that is replaced when it fails.
//
// Why replaced: after a failed request kafkajs uses the same sequence number again for other records; if the failed ones had been
// appended after all, the broker takes the new ones for repeats and drops them. A new producer id can't be mistaken so.
import type { Kafka, Message, Producer } from 'kafkajs';
import { AnytimeError } from '../../errors.ts';
import { brokerError, within } from './broker-error.ts';
import { RETRY } from './client.ts';
import { createPartitioner } from './partitioner.ts';

export interface TopicMessage {
  readonly topic: string;
  readonly message: Message;
}

interface Waiting {
  readonly messages: readonly TopicMessage[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The broker takes 1 MiB per batch of a partition (message.max.bytes); a request of ours may be all one partition's. */
const REQUEST_BYTES = 800_000;
/** A stop waits so long for what is on its way, and again so long for the goodbye. */
const STOP_TIMEOUT_MS = 5000;

export class KafkaProducer {
  readonly #kafka: Kafka;
  #producer: Promise<Producer> | null = null;
  #waiting: Waiting[] = [];
  #sending: Promise<void> | null = null;
  #isStopped = false;
  /** Nothing is sent any more: the stop has waited long enough. */
  #isOver = false;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  /** Connects. Errors: broker-unavailable. */
  async start(): Promise<void> {
    try {
      await this.#connected();
    } catch (error) {
      throw brokerError('a connection to Kafka', error);
    }
  }

  /** Resolves when the broker has acknowledged all of them (acks = all). Messages of one call never overtake an earlier call's. */
  async send(messages: readonly TopicMessage[]): Promise<void> {
    if (this.#isStopped) throw new AnytimeError('stopped', 'Expected records before the producer is stopped');
    if (messages.length === 0) return;
    const parts: Promise<void>[] = split(messages).map(
      (part) =>
        new Promise((resolve, reject) => {
          this.#waiting.push({ messages: part, bytes: bytesOf(part), resolve, reject });
        }),
    );
    this.#sending ??= this.#sendAll();
    await Promise.all(parts);
  }

  /** Sends what waits, for a few seconds at most, then disconnects; what is left is rejected. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const sending = this.#sending ?? Promise.resolve();
    await within(STOP_TIMEOUT_MS, 'Kafka to take what waits', sending).catch(() => {});
    this.#isOver = true;
    await within(STOP_TIMEOUT_MS, 'the producer to disconnect', this.#discard()).catch(() => {});
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      const error = await this.#request(group.flatMap(({ messages }) => messages));
      if (error === null) {
        for (const { resolve } of group) resolve();
      } else if (group.length > 1 && !error.retriable) {
        // One of them is refused for good; alone, the others are not.
        for (const one of group) {
          const itsError = await this.#request(one.messages);
          if (itsError) one.reject(itsError);
          else one.resolve();
        }
      } else {
        for (const { reject } of group) reject(error);
      }
    }
    this.#sending = null;
  }

  /** As many calls as fit one request, at least one. */
  #takeGroup(): Waiting[] {
    let bytes = 0;
    const count = this.#waiting.findIndex((one, index) => {
      bytes += one.bytes;
      return index > 0 && bytes > REQUEST_BYTES;
    });
    return this.#waiting.splice(0, count < 0 ? this.#waiting.length : count);
  }

  async #request(messages: readonly TopicMessage[]): Promise<AnytimeError | null> {
    if (this.#isOver) return stoppedBefore();
    const byTopic = new Map<string, Message[]>();
    for (const { topic, message } of messages) {
      const list = byTopic.get(topic);
      if (list) list.push(message);
      else byTopic.set(topic, [message]);
    }
    try {
      const producer = await this.#connected();
      const topicMessages = [...byTopic].map(([topic, list]) => ({ topic, messages: list }));
      await producer.sendBatch({ topicMessages, acks: -1 });
      return null;
    } catch (error) {
      if (!this.#isOver) await this.#discard();
      return brokerError('Kafka to acknowledge records', error);
    }
  }

  #connected(): Promise<Producer> {
    this.#producer ??= (async () => {
      const producer = this.#kafka.producer({
        allowAutoTopicCreation: false,
        createPartitioner,
        idempotent: true,
        maxInFlightRequests: 1,
        retry: RETRY,
      });
      try {
        await producer.connect();
        if (!this.#isOver) return producer;
        void producer.disconnect().catch(() => {});
        throw stoppedBefore();
      } catch (error) {
        this.#producer = null;
        throw error;
      }
    })();
    return this.#producer;
  }

  async #discard(): Promise<void> {
    const producer = await this.#producer?.catch(() => null);
    this.#producer = null;
    if (producer) await within(STOP_TIMEOUT_MS, 'the producer to disconnect', producer.disconnect()).catch(() => {});
  }
}

function stoppedBefore(): AnytimeError {
  return new AnytimeError('stopped', 'Expected Kafka to take the records before the producer is stopped');
}

/** Parts that each fit one request, in order; a message larger than that is a part of its own. */
function split(messages: readonly TopicMessage[]): TopicMessage[][] {
  const parts: TopicMessage[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const one of messages) {
    const size = bytesOf([one]);
    if (bytes + size > REQUEST_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(one);
    bytes += size;
  }
  return parts;
}

/** Size of the messages on the wire, roughly: contents and a bound for the rest. */
function bytesOf(messages: readonly TopicMessage[]): number {
  let bytes = 0;
  for (const { message } of messages) {
    bytes += (message.key?.length ?? 0) + (message.value?.length ?? 0) + 1024;
    for (const [name, value] of Object.entries(message.headers ?? {}))
      for (const one of [value].flat()) bytes += name.length + (one?.length ?? 0) + 8;
  }
  return bytes;
}
