// ResultSink on Kafka: first answers, later answers and dead letters, each to its topic, keyed like the input.
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';
import {
  DEFAULT_RESULT_TOPICS,
  deadLetterHeaders,
  ERROR_HEADERS,
  type ResultTopics,
  resultBytes,
  resultHeaders,
} from '../../core/envelope.ts';
import type { ResultRecord } from '../../core/result.ts';
import { AnytimeError, messageOf } from '../../errors.ts';
import type { DeadLetter, ResultSink } from '../../ports.ts';
import { brokerError, isNotForItsSize, within } from './broker-error.ts';
import { createClient, type KafkaOptions } from './client.ts';
import { originalHeaders, toBuffer, toHeaders } from './frame-record.ts';
import { KafkaProducer, type ProducerOptions, type TopicMessage } from './producer.ts';
import { headerCount, MAX_HEADERS } from './record-batches-patch.ts';
import type { SocketSet } from './socket-set.ts';

export interface KafkaResultSinkOptions extends KafkaOptions {
  readonly topics?: ResultTopics;
}

const MANY_HEADERS = MAX_HEADERS / 2;
/**
 * Whoever publishes has asked the store whether it may, and asks again before it tries again: another worker may have the frames by then.
 * The store's word holds for a second (`pipeline/publisher.ts`).
 */
const AT_ONCE: ProducerOptions = { patienceMs: 0, mustGoWithinMs: 1000 };
const METADATA_TIMEOUT_MS = 5000;
/** Brokers may learn of a new topic one after another. */
const MISSING_AFTER_MS = 3000;
const ASK_AGAIN_MS = 250;

export class KafkaResultSink implements ResultSink {
  readonly #createClient: () => Kafka;
  readonly #producer: KafkaProducer;
  /** By itself, so that a topic that takes no dead letters keeps no answers back. Connects with the first of them. */
  readonly #letters: KafkaProducer;
  readonly #topics: ResultTopics;

  /** `create`: a client of the brokers unless given. */
  constructor(options: KafkaResultSinkOptions, create = (sockets?: SocketSet) => createClient(options, sockets)) {
    this.#createClient = create;
    this.#producer = new KafkaProducer(create, AT_ONCE);
    this.#letters = new KafkaProducer(create);
    this.#topics = options.topics ?? DEFAULT_RESULT_TOPICS;
  }

  /** Connects. Errors: broker-unavailable, also where one of its topics is missing: else that would show with the first record for it. */
  async start(): Promise<void> {
    await this.#producer.start();
    const admin = this.#createClient().admin();
    try {
      await admin.connect().catch((cause) => {
        throw brokerError('a connection to Kafka', cause);
      });
      const missing = await this.#missingTopic(admin);
      if (missing === null) return;
      const message = `Expected topic "${missing}" to exist, and to be open to this user; \`anytime worker --create-topics\` makes it`;
      throw new AnytimeError('broker-unavailable', message);
    } finally {
      await within(METADATA_TIMEOUT_MS, 'the admin client to disconnect', admin.disconnect()).catch(() => {});
    }
  }

  /** Errors: broker-unavailable, retriable: kafkajs tells a broker that went away just then by a TypeError. */
  async #missingTopic(admin: Admin): Promise<string | null> {
    const giveUpAt = performance.now() + MISSING_AFTER_MS;
    for (;;) {
      const known = await within(METADATA_TIMEOUT_MS, 'the names of the topics', admin.listTopics()).catch((cause) => {
        const message = `Expected the names of the topics, got: ${messageOf(cause)}`;
        throw new AnytimeError('broker-unavailable', message, { retriable: true, cause });
      });
      const missing = Object.values(this.#topics).find((topic) => !known.includes(topic)) ?? null;
      if (missing === null || performance.now() > giveUpAt) return missing;
      await pause(ASK_AGAIN_MS);
    }
  }

  async publish(results: readonly ResultRecord[]): Promise<void> {
    const messages = results.map((result) => this.#resultMessage(result));
    await this.#publishAll(messages, performance.now());
  }

  /** Records go out in one batch a partition, which a topic may refuse for its size: then in halves, in their order. */
  async #publishAll(messages: readonly TopicMessage[], since: number): Promise<void> {
    try {
      await this.#producer.send(messages, since);
    } catch (error) {
      if (isNotForItsSize(error) || messages.length <= 1) throw error;
      const half = Math.ceil(messages.length / 2);
      await this.#publishAll(messages.slice(0, half), since);
      await this.#publishAll(messages.slice(half), since);
    }
  }

  /**
   * A letter that its topic refuses for good (larger than the topic takes) goes without the record's value, if need be without
   * its key and headers too, with a header that says so: one such frame must not keep its partition from going on.
   */
  async deadLetter(letters: readonly DeadLetter[]): Promise<void> {
    try {
      await this.#letters.send(letters.map((letter) => this.#letterMessage(letter)));
    } catch (error) {
      if (isNotForItsSize(error)) throw error;
      for (const letter of letters) await this.#deadLetterAlone(letter);
    }
  }

  async #deadLetterAlone(letter: DeadLetter): Promise<void> {
    const { topic, message } = this.#letterMessage(letter);
    const told = toHeaders(deadLetterHeaders(letter));
    const omit = (error: unknown) => ({
      ...told,
      [ERROR_HEADERS.omitted]: Buffer.from(`${message.value?.length ?? 0} bytes: ${messageOf(error)}`),
    });
    const smaller = [
      (error: unknown) => ({ ...message, value: null, headers: { ...message.headers, ...omit(error) } }),
      (error: unknown) => ({ key: null, value: null, headers: omit(error) }),
    ];
    for (let next = message; ; ) {
      try {
        await this.#letters.send([{ topic, message: next }]);
        return;
      } catch (error) {
        const less = smaller.shift();
        if (isNotForItsSize(error) || less === undefined) throw error;
        next = less(error);
      }
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#producer.stop(), this.#letters.stop()]);
  }

  #resultMessage(result: ResultRecord): TopicMessage {
    const headers = resultHeaders(result, randomBytes(8).toString('hex'));
    return {
      topic: result.isFirst ? this.#topics.coarse : this.#topics.refined,
      message: { key: toBuffer(result.key), value: toBuffer(resultBytes(result)), headers: toHeaders(headers) },
    };
  }

  /** Of very many headers it has the first, with the last value of each: with those of a dead letter they could be more than is read. */
  #letterMessage(letter: DeadLetter): TopicMessage {
    const { key, value, headers, timestamp } = letter.record;
    const own = originalHeaders(headers);
    const some = () => toHeaders(Object.fromEntries(Object.entries(headers).slice(0, MANY_HEADERS)));
    return {
      topic: this.#topics.deadLetters,
      message: {
        key: key && toBuffer(key),
        value: value && toBuffer(value),
        headers: { ...(headerCount(own) > MANY_HEADERS ? some() : own), ...toHeaders(deadLetterHeaders(letter)) },
        timestamp: String(timestamp),
      },
    };
  }
}
