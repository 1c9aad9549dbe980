// FrameSender on Kafka.
import type { FrameSender, OutgoingRecord } from '../../ports.ts';
import { createClient, type KafkaOptions } from './client.ts';
import { toBuffer, toHeaders } from './frame-record.ts';
import { KafkaProducer, type ProducerOptions } from './producer.ts';

export interface KafkaFrameSenderOptions extends KafkaOptions {
  readonly topic: string;
}

/** Longer than a request that is never answered. Nobody else has these frames, and one that comes twice is known by its id. */
const PATIENT: ProducerOptions = { patienceMs: 30_000, mustGoWithinMs: null };

export class KafkaFrameSender implements FrameSender {
  readonly #producer: KafkaProducer;
  readonly #topic: string;

  constructor(options: KafkaFrameSenderOptions) {
    this.#producer = new KafkaProducer((sockets) => createClient(options, sockets), PATIENT);
    this.#topic = options.topic;
  }

  async start(): Promise<void> {
    await this.#producer.start();
  }

  async send(frames: readonly OutgoingRecord[]): Promise<void> {
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
