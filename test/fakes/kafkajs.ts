// Stand-ins for kafkajs' consumer and producer, told by a test when to join, crash, take or refuse.
import type { ConsumerRunConfig, EachBatchPayload, Kafka, Message, ProducerBatch } from 'kafkajs';

type Listener = (event: { payload: unknown }) => void;

export class FakeConsumer {
  readonly events = {
    GROUP_JOIN: 'join',
    REBALANCING: 'rebalancing',
    FETCH: 'fetch',
    HEARTBEAT: 'heartbeat',
    START_BATCH_PROCESS: 'batch',
    CRASH: 'crash',
  };
  readonly #listeners = new Map<string, Listener[]>();
  #eachBatch: NonNullable<ConsumerRunConfig['eachBatch']> = async () => {};
  pausedPartitions: { topic: string; partitions: number[] }[] = [];
  isDisconnected = false;
  isRunning = false;
  connectError: Error | null = null;

  on(event: string, listener: Listener): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }
  paused() {
    return this.pausedPartitions;
  }
  /** As kafkajs tells its listeners. */
  tell(event: keyof FakeConsumer['events'], payload: unknown = {}): void {
    for (const listener of this.#listeners.get(this.events[event]) ?? []) listener({ payload });
  }
  async connect(): Promise<void> {
    if (this.connectError) throw this.connectError;
  }
  async subscribe(): Promise<void> {}
  async run({ eachBatch }: Pick<ConsumerRunConfig, 'eachBatch'> = {}): Promise<void> {
    this.isRunning = true;
    this.#eachBatch = eachBatch ?? this.#eachBatch;
  }
  /** A batch that it has fetched. */
  async batch(): Promise<void> {
    await this.#eachBatch({} as EachBatchPayload);
  }
  async disconnect(): Promise<void> {
    this.isDisconnected = true;
  }
  join(memberAssignment: Record<string, number[]>): void {
    this.tell('GROUP_JOIN', { memberAssignment });
  }
  crash(message: string): void {
    this.tell('CRASH', { error: new Error(message), restart: false });
  }
  heartbeat(): void {
    this.tell('HEARTBEAT');
  }
}

export class FakeProducer {
  readonly requests: ProducerBatch[] = [];
  isDisconnected = false;
  readonly #take: (batch: ProducerBatch) => Promise<void>;

  constructor(take: (batch: ProducerBatch) => Promise<void>) {
    this.#take = take;
  }
  async connect(): Promise<void> {}
  async disconnect(): Promise<void> {
    this.isDisconnected = true;
  }
  async sendBatch(batch: ProducerBatch): Promise<void> {
    this.requests.push(batch);
    await this.#take(batch);
  }
}

/** A client whose consumers and producers are kept for the test to act on. */
export function fakeKafka(take: (batch: ProducerBatch) => Promise<void> = async () => {}) {
  const consumers: FakeConsumer[] = [];
  const producers: FakeProducer[] = [];
  const client = {
    consumer() {
      const consumer = new FakeConsumer();
      consumers.push(consumer);
      return consumer;
    },
    admin: () => ({
      connect: async () => {},
      disconnect: async () => {},
      listTopics: async () => ['frames', 'frames.coarse', 'frames.refined', 'frames.dlq'],
    }),
    producer() {
      const producer = new FakeProducer(take);
      producers.push(producer);
      return producer;
    },
  };
  return { kafka: client as unknown as Kafka, consumers, producers };
}

/** Values of a request, topic by topic, as text. */
export const valuesOf = (batch: ProducerBatch | undefined): string[] =>
  (batch?.topicMessages ?? []).flatMap(({ messages }) => messages.map(({ value }: Message) => String(value)));
