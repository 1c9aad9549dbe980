// One consumer that comes back: kafkajs may crash, with or without a restart of its own, or fall silent. Here every crash ends
// that consumer and a fresh one takes its place after a back-off, until too many in a row failed.
//
//   start ─▶ opening ─▶ joined ─▶ (rejoined)* ─▶ crashed or silent ─▶ waiting ─▶ opening …
//                                                            └─ too often ─▶ failed
//   stop: from anywhere, once; nothing is called after it.
import type { Consumer, ConsumerConfig, ConsumerGroupJoinEvent, EachBatchPayload, Kafka } from 'kafkajs';
import { AnytimeError, messageOf } from '../../errors.ts';
import type { TopicPartition } from '../../ports.ts';
import { brokerError, within } from './broker-error.ts';
import { watchConsumer } from './consumer-watchdog.ts';

export interface ConsumerLifeOptions {
  readonly kafka: Kafka;
  readonly topics: readonly string[];
  readonly config: ConsumerConfig;
  /** After every join of the group, as this member of it; `consumer` can be paused, resumed and sought in. Must not throw. */
  readonly joined: (consumer: Consumer, partitions: readonly TopicPartition[], memberId: string) => void;
  /** Resolve offsets of what was taken; the rest is fetched again. Must not throw. */
  readonly batch: (payload: EachBatchPayload) => Promise<void>;
  /** The consumer is gone; partitions are no longer owned. */
  readonly lost: () => void;
  readonly failed: (error: Error) => void;
  readonly retrying?: (reason: string, inMs: number) => void;
  /** Restarts in a row before it fails. */
  readonly maxRestarts?: number;
  /** No fetch, heartbeat or join for so long = crashed. Longer than a join may take (rebalanceTimeout, 60 s). */
  readonly silentMs?: number;
  /** Sum of the end offsets of the topics; given, a consumer that looks dead while the broker answers is replaced sooner. */
  readonly endOffset?: () => Promise<bigint>;
}

/** A consumer that lived for so long since its join starts the count of restarts anew. */
const STABLE_MS = 60_000;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 10_000;
const STOP_TIMEOUT_MS = 10_000;
/**
 * One that was given up while it waited to join may join after all: kafkajs does not stop what has not begun. It would keep its share of the
 * partitions and read nothing of them. By an error of this type, which it does not try again, it ends, and its session runs out.
 */
const GHOST = 'Expected a consumer of now, got one that was given up';

export class ConsumerLife {
  readonly #options: ConsumerLifeOptions;
  #consumer: Consumer | null = null;
  #isStopped = false;
  #restarts = 0;
  #joinedAt: number | null = null;
  #heardAt = 0;
  #restartTimer: NodeJS.Timeout | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #unwatch = () => {};
  #settleStart: { resolve: () => void; reject: (error: Error) => void } | null = null;

  constructor(options: ConsumerLifeOptions) {
    this.#options = options;
  }

  /** Resolves at the first join. Errors: broker-unavailable when all restarts failed before it. */
  async start(): Promise<void> {
    if (this.#isStopped) throw new AnytimeError('stopped', 'Expected the consumer to start before it is stopped');
    const silentMs = this.#options.silentMs ?? 120_000;
    this.#watchdog = setInterval(() => {
      this.#heardAt = Math.min(this.#heardAt, Date.now()); // the clock may have been set back
      if (this.#consumer && Date.now() - this.#heardAt > silentMs) {
        this.#crashed(this.#consumer, new Error(`No fetch and no heartbeat for ${silentMs} ms`));
      }
    }, silentMs / 4).unref();
    await new Promise<void>((resolve, reject) => {
      this.#settleStart = { resolve, reject };
      this.#open();
    });
  }

  /** Leaves the group. Idempotent. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#unwatch();
    clearInterval(this.#watchdog);
    clearTimeout(this.#restartTimer);
    this.#settleStart?.reject(new AnytimeError('stopped', 'Expected the consumer to start, but it was stopped'));
    const consumer = this.#consumer;
    if (consumer)
      await within(STOP_TIMEOUT_MS, 'the consumer to leave its group', consumer.disconnect()).catch(() => {});
  }

  #open(): void {
    // Restarts are ours alone: kafkajs' own would reuse a consumer whose state we can't see. How often it tries, its client says.
    const retry = { restartOnFailure: async () => false };
    const consumer = this.#options.kafka.consumer({ allowAutoTopicCreation: false, retry, ...this.#options.config });
    this.#consumer = consumer;
    this.#joinedAt = null;
    this.#heard();
    const { GROUP_JOIN, FETCH, HEARTBEAT, CRASH } = consumer.events;
    consumer.on(FETCH, () => this.#heard());
    consumer.on(HEARTBEAT, () => this.#heard());
    const { config, endOffset } = this.#options;
    if (endOffset) {
      const dead = (error: Error, aliveUntil: number) => this.#crashed(consumer, error, aliveUntil);
      const { sessionTimeout: sessionTimeoutMs, rebalanceTimeout: rebalanceTimeoutMs } = config;
      this.#unwatch = watchConsumer({
        consumer,
        endOffset,
        dead,
        ...(sessionTimeoutMs && { sessionTimeoutMs }),
        ...(rebalanceTimeoutMs && { rebalanceTimeoutMs }),
      });
    }
    consumer.on(CRASH, ({ payload }) => this.#crashed(consumer, payload.error));
    consumer.on(GROUP_JOIN, ({ payload }) => this.#joined(consumer, payload));
    this.#run(consumer).catch((error) => this.#crashed(consumer, error));
  }

  async #run(consumer: Consumer): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true });
    if (this.#consumer !== consumer || this.#isStopped) return;
    const eachBatch = async (payload: EachBatchPayload) => {
      if (this.#consumer === consumer && !this.#isStopped) await this.#options.batch(payload);
      else if (!this.#isStopped) throw new TypeError(GHOST);
    };
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch });
  }

  #heard(): void {
    this.#heardAt = Date.now();
  }

  #joined(consumer: Consumer, { memberAssignment, memberId }: ConsumerGroupJoinEvent['payload']): void {
    if (this.#consumer !== consumer || this.#isStopped) return;
    this.#heard();
    this.#joinedAt ??= Date.now();
    const partitions = Object.entries(memberAssignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition })),
    );
    this.#options.joined(consumer, partitions, memberId);
    this.#settleStart?.resolve();
    this.#settleStart = null;
  }

  /** `aliveUntil`: when it was seen alive last; a consumer has not proven itself by its silence, nor by trying in vain. */
  #crashed(consumer: Consumer, error: Error, aliveUntil = this.#heardAt): void {
    if (this.#consumer !== consumer || this.#isStopped) return;
    this.#consumer = null;
    this.#unwatch();
    consumer.disconnect().catch(() => {}); // it crashed: whatever it still says changes nothing
    this.#options.lost();
    if (this.#joinedAt !== null && aliveUntil - this.#joinedAt > STABLE_MS) this.#restarts = 0;
    const maxRestarts = this.#options.maxRestarts ?? 8;
    if (this.#restarts >= maxRestarts) {
      const failure = brokerError(`the consumer to run after ${maxRestarts} restarts`, error);
      this.#isStopped = true;
      clearInterval(this.#watchdog);
      if (this.#settleStart) this.#settleStart.reject(failure);
      else this.#options.failed(failure);
      return;
    }
    const inMs = Math.min(FIRST_BACKOFF_MS * 2 ** this.#restarts, LONGEST_BACKOFF_MS);
    this.#restarts += 1;
    this.#options.retrying?.(messageOf(error), inMs);
    this.#restartTimer = setTimeout(() => this.#open(), inMs);
  }
}
