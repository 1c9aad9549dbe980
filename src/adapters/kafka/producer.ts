// An idempotent producer that gathers what comes while a request is under way, has kafkajs try each request once, and is replaced when it fails.
//
// Why once: a second try by kafkajs is made without asking whether the records may still be said; and where a partition's leader moved to a
// broker that has acknowledged its part already, kafkajs 2.2.4 sends nothing more and calls all of them acknowledged.
// Why replaced: after a failed request kafkajs uses the same sequence number again for other records; if the failed ones had been
// appended after all, the broker takes the new ones for repeats and drops them. A new producer id can't be mistaken so. The old one's sockets
// are reset, so that nothing of it goes out any more.
import { setTimeout as pause } from 'node:timers/promises';
import type { Kafka, Message, Producer } from 'kafkajs';
import { AnytimeError } from '../../errors.ts';
import { brokerError, isRefusedToUser, originOf, within } from './broker-error.ts';
import { RETRY } from './client.ts';
import { createPartitioner } from './partitioner.ts';
import { SocketSet } from './socket-set.ts';

export interface TopicMessage {
  readonly topic: string;
  readonly message: Message;
}

export interface ProducerOptions {
  /** For so long a request is tried again before its calls are rejected, ms; each try may append its records again. */
  readonly patienceMs: number;
  /** What cannot go out within so many ms of its call is rejected: what it says may no longer be true. null = it may wait. */
  readonly mustGoWithinMs: number | null;
}

/** One `send`. Its parts go out in order; once one has failed, those after it do not. */
interface Call {
  readonly since: number;
  failure: AnytimeError | null;
}

/** A request under way. */
interface Try {
  readonly group: readonly Waiting[];
  /** Some of it may be on its way to a broker. */
  isEncoded: boolean;
}

interface Waiting {
  readonly call: Call;
  readonly messages: readonly TopicMessage[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The broker takes 1 MiB per batch of a partition (message.max.bytes); a request of ours may be all one partition's. */
const REQUEST_BYTES = 800_000;
/** A stop waits so long for what is on its way, and again so long for the goodbye. */
const STOP_TIMEOUT_MS = 5000;
/** kafkajs refuses 0 for an idempotent producer; of no number it makes none. */
export const ONE_TRY = { ...RETRY, retries: Number.NaN };

export class KafkaProducer {
  readonly #createClient: (sockets: SocketSet) => Kafka;
  readonly #options: ProducerOptions;
  #producer: Promise<Producer> | null = null;
  /** Of the producer. */
  #sockets = new SocketSet();
  #waiting: Waiting[] = [];
  #sending: Promise<void> | null = null;
  #isStopped = false;
  /** Nothing is sent any more: the stop has waited long enough. */
  #isOver = false;

  /** `createClient` is asked for each producer anew: its client makes its connections by `sockets.factory`. */
  constructor(
    createClient: (sockets: SocketSet) => Kafka,
    options: ProducerOptions = { patienceMs: 0, mustGoWithinMs: null },
  ) {
    this.#createClient = createClient;
    this.#options = options;
  }

  /** Connects. Errors: broker-unavailable. */
  async start(): Promise<void> {
    try {
      await this.#connected();
    } catch (error) {
      throw brokerError('a connection to Kafka', error);
    }
  }

  /**
   * Resolves when the broker has acknowledged all of them (acks = all). Messages of one call never overtake an earlier call's. `since`: from when
   * on what may wait for so long is counted, of `performance.now()`.
   */
  async send(messages: readonly TopicMessage[], since = performance.now()): Promise<void> {
    if (this.#isStopped) throw new AnytimeError('stopped', 'Expected records before the producer is stopped');
    if (messages.length === 0) return;
    const call: Call = { since, failure: null };
    const parts: Promise<void>[] = split(messages).map(
      (part) =>
        new Promise((resolve, reject) => {
          this.#waiting.push({ call, messages: part, bytes: bytesOf(part), resolve, reject });
        }),
    );
    this.#sending ??= this.#sendAll();
    await Promise.all(parts);
  }

  /** Sends what waits, for a few seconds at most, then disconnects; what is left is rejected. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const sending = this.#sending ?? Promise.resolve();
    await within(STOP_TIMEOUT_MS, 'Kafka to take what waits', sending).catch(() => this.#sockets.reset());
    this.#isOver = true;
    await within(STOP_TIMEOUT_MS, 'the producer to disconnect', this.#disconnect()).catch(() => {});
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      const error = await this.#request(group);
      // One of them is refused for good; alone, the others are not, but where none may be written.
      const isOneOfThem = error !== null && group.length > 1 && !error.retriable && !isRefusedAlike(group, error);
      for (const one of group) settle(one, isOneOfThem ? await this.#request([one]) : error);
      // What waits would fare alike, one after another, and whoever sent it wants to ask first whether it still holds.
      if (error?.retriable && this.#options.patienceMs === 0)
        for (const one of this.#waiting.splice(0)) settle(one, error);
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

  async #request(group: readonly Waiting[]): Promise<AnytimeError | null> {
    const giveUpAt = performance.now() + this.#options.patienceMs;
    for (let waitMs = RETRY.initialRetryTime; ; waitMs = Math.min(2 * waitMs, RETRY.maxRetryTime)) {
      const error = await this.#try(group.filter(({ call }) => call.failure === null));
      if (error === null || !error.retriable || performance.now() + waitMs > giveUpAt || this.#isOver) return error;
      await pause(waitMs);
    }
  }

  async #try(group: readonly Waiting[]): Promise<AnytimeError | null> {
    if (this.#isOver) return stoppedBefore();
    if (group.length === 0) return null;
    const byTopic = new Map<string, Message[]>();
    for (const { topic, message } of group.flatMap(({ messages }) => messages)) {
      const list = byTopic.get(topic);
      if (list) list.push(message);
      else byTopic.set(topic, [message]);
    }
    try {
      const trying: Try = { group, isEncoded: false };
      const producer = await this.#connected();
      this.#refuseLate(trying);
      const asked = (message: Message) => this.#askedOnceMore(message, trying);
      const topicMessages = [...byTopic].map(([topic, list]) => ({ topic, messages: list.map(asked) }));
      await producer.sendBatch({ topicMessages, acks: -1 });
      return null;
    } catch (error) {
      const origin = originOf(error);
      const late = origin instanceof LateError ? origin : null;
      if (!this.#isOver && !late?.isUnsent) {
        this.#sockets.reset();
        await this.#disconnect();
      }
      return brokerError('Kafka to acknowledge records', late ?? error);
    }
  }

  /** Errors: LateError. */
  #refuseLate({ group, isEncoded }: Try): void {
    const { mustGoWithinMs } = this.#options;
    if (mustGoWithinMs === null) return;
    if (group.some(({ call }) => performance.now() - call.since > mustGoWithinMs)) throw new LateError(!isEncoded);
  }

  /**
   * kafkajs asks for the timestamp as it encodes the request for a broker: when it has connected to all of them, one after another. Late then,
   * the producer is kept with its connections, or it would never be in time where they take longer than that.
   */
  #askedOnceMore(message: Message, trying: Try): Message {
    if (this.#options.mustGoWithinMs === null || message.timestamp !== undefined) return message;
    const refuseLate = () => this.#refuseLate(trying);
    return {
      ...message,
      get timestamp(): string | undefined {
        refuseLate();
        trying.isEncoded = true;
        return undefined;
      },
    } as Message;
  }

  #connected(): Promise<Producer> {
    this.#producer ??= (async () => {
      this.#sockets = new SocketSet();
      const producer = this.#createClient(this.#sockets).producer({
        allowAutoTopicCreation: false,
        createPartitioner,
        idempotent: true,
        maxInFlightRequests: 1,
        retry: ONE_TRY,
      });
      try {
        await producer.connect();
        if (!this.#isOver) return producer;
        throw stoppedBefore();
      } catch (error) {
        this.#producer = null;
        this.#sockets.reset(); // before they are ended
        void producer.disconnect().catch(() => {}); // it may have connected, and failed to become a producer
        throw error;
      }
    })();
    return this.#producer;
  }

  async #disconnect(): Promise<void> {
    const producer = await this.#producer?.catch(() => null);
    this.#producer = null;
    if (producer) await within(STOP_TIMEOUT_MS, 'the producer to disconnect', producer.disconnect()).catch(() => {});
  }
}

function settle({ call, resolve, reject }: Waiting, error: AnytimeError | null): void {
  call.failure ??= error;
  if (call.failure === null) resolve();
  else reject(call.failure);
}

/** Every one of them is for the topic that this user may not write to. */
function isRefusedAlike(group: readonly Waiting[], error: AnytimeError): boolean {
  if (!isRefusedToUser(error)) return false;
  return new Set(group.flatMap(({ messages }) => messages.map(({ topic }) => topic))).size === 1;
}

function stoppedBefore(): AnytimeError {
  return new AnytimeError('stopped', 'Expected Kafka to take the records before the producer is stopped');
}

class LateError extends Error {
  /** Nothing was sent: the producer is as good as before. */
  readonly isUnsent: boolean;

  constructor(isUnsent: boolean) {
    super('a wait for the connection, for where they go, or for those before them: they are no longer true for sure');
    this.isUnsent = isUnsent;
  }
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
