// FrameSender on Kafka.
import { headerText } from '../../core/envelope.ts';
import { AnytimeError, messageOf } from '../../errors.ts';
import type { FrameSender, OutgoingRecord } from '../../ports.ts';
import { isNotForItsSize } from './broker-error.ts';
import { createClient, type KafkaOptions } from './client.ts';
import { toBuffer, toHeaders } from './frame-record.ts';
import { KafkaProducer, type ProducerOptions } from './producer.ts';
import type { SocketSet } from './socket-set.ts';

export interface KafkaFrameSenderOptions extends KafkaOptions {
  readonly topic: string;
}

/** Longer than a request that is never answered. Nobody else has these frames, and one that comes twice is known by its id. */
const PATIENT: ProducerOptions = { patienceMs: 30_000, mustGoWithinMs: null };

export class KafkaFrameSender implements FrameSender {
  readonly #producer: KafkaProducer;
  readonly #topic: string;

  /** `create`: a client of the brokers unless given. */
  constructor(options: KafkaFrameSenderOptions, create = (sockets?: SocketSet) => createClient(options, sockets)) {
    this.#producer = new KafkaProducer(create, PATIENT);
    this.#topic = options.topic;
  }

  async start(): Promise<void> {
    await this.#producer.start();
  }

  /** What is refused as a whole goes frame by frame, up to the one that is not taken: the error names it. */
  async send(frames: readonly OutgoingRecord[]): Promise<void> {
    try {
      await this.#sendAll(frames);
    } catch (error) {
      if (isNotForItsSize(error)) throw error;
      const [first] = frames;
      if (first !== undefined && frames.length === 1) throw this.#refused(first, error);
      for (const frame of frames) await this.send([frame]);
    }
  }

  #refused({ value, headers }: OutgoingRecord, cause: unknown): AnytimeError {
    const id = headerText(headers, 'ce_id') ?? 'without an id';
    const message = `Expected Kafka to take the frame ${id} of ${value?.length ?? 0} bytes; ${messageOf(cause)}`;
    return new AnytimeError('broker-unavailable', message, { cause });
  }

  async #sendAll(frames: readonly OutgoingRecord[]): Promise<void> {
    const messages = frames.map(({ key, value, headers, timestamp }) => ({
      topic: this.#topic,
      message: {
        key: key && toBuffer(key),
        value: value && toBuffer(value),
        headers: toHeaders(headers),
        ...(timestamp !== undefined && { timestamp: String(timestamp) }),
      },
    }));
    await this.#producer.send(messages);
  }

  async stop(): Promise<void> {
    await this.#producer.stop();
  }
}
