// The Redis connection of a store: answers or fails at once, and comes back by itself for as long as it lives.
import { type ChainableCommander, Redis, type RedisOptions } from 'ioredis';
import { patience } from '../../core/patience.ts';
import { AnytimeError } from '../../errors.ts';
import { after } from '../../timer.ts';
import { storeError } from './store-error.ts';

export interface RedisStoreOptions {
  /** redis:// or rediss:// address. */
  readonly url: string;
  /** What every key begins with. */
  readonly keyPrefix?: string;
  /** The longest a call may take; after it the pipeline goes on without the store. */
  readonly timeoutMs?: number;
  /** Handed to ioredis over our own values (tls …). */
  readonly redisConfig?: RedisOptions;
}

export const DEFAULT_KEY_PREFIX = 'anytime';

const CONNECT_TIMEOUT_MS = 500;
/** A connection that owes a reply for so long is given up: the other side is gone without a word. */
const SILENCE_MS = 2000;
const LONGEST_BACKOFF_MS = 2000;

/** A Lua script with its name: one atomic transition. */
export interface Script {
  readonly name: string;
  readonly keys: number;
  readonly lua: string;
}

export class RedisConnection {
  readonly #redis: Redis;
  readonly #timeoutMs: number;
  /** Why there is no connection now; null while there is one. */
  #refusal: Error | null = null;
  /** Connections that are over. */
  #closed = 0;
  #isStopped = false;

  constructor({ url, timeoutMs = 50, redisConfig }: RedisStoreOptions, scripts: readonly Script[]) {
    this.#timeoutMs = timeoutMs;
    this.#redis = new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      // A command sent again after a reconnect may run twice; the caller sends again what may.
      autoResendUnfulfilledCommands: false,
      connectTimeout: CONNECT_TIMEOUT_MS,
      // What was the primary is a replica now (a failover): the address may lead to the new one.
      reconnectOnError: ({ message }) => message.includes('READONLY'),
      retryStrategy: (attempt) => Math.min(25 * 2 ** Math.min(attempt, 10), LONGEST_BACKOFF_MS),
      ...redisConfig,
      lazyConnect: true,
    });
    // Calls fail by themselves, and the connection goes on trying; but only here is told why it is down.
    this.#redis.on('error', (error) => {
      this.#refusal = error;
    });
    this.#redis.on('close', () => {
      this.#closed += 1;
    });
    this.#redis.on('ready', () => {
      this.#refusal = null;
    });
    for (const { name, keys, lua } of scripts) this.#redis.defineCommand(name, { numberOfKeys: keys, lua });
  }

  /**
   * Waits for the first attempt to connect, not for a Redis that is still loading its data; never fails: with Redis away it goes on in
   * the background.
   */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => {
      const callOff = after(CONNECT_TIMEOUT_MS + SILENCE_MS, resolve);
      const over = () => {
        callOff();
        resolve();
      };
      this.#redis.connect().then(over, over);
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#redis.disconnect();
  }

  /** Runs the commands that `queue` puts on one pipeline and gives their replies. Errors: store-unavailable (retriable), stopped. */
  async pipeline(queue: (pipeline: ChainableCommander) => void): Promise<unknown[]> {
    if (this.#isStopped) throw new AnytimeError('stopped', 'Expected calls before the store is stopped');
    const pipeline = this.#redis.pipeline();
    queue(pipeline);
    try {
      const sent = pipeline.exec();
      this.#giveUpWhenSilent(sent);
      const replies = (await this.#inTime(sent)) ?? [];
      const failed = replies.find(([error]) => error !== null)?.[0];
      if (failed) throw failed;
      return replies.map(([, reply]) => reply);
    } catch (cause) {
      throw storeError(cause, this.#refusal);
    }
  }

  /**
   * ioredis' socketTimeout would do so after a stop of this process too, with the reply unread in the socket. What a connection owes that was
   * lost meanwhile stays unanswered for a while: that is not the next one's fault.
   */
  #giveUpWhenSilent(replies: Promise<unknown>): void {
    let isOwed = true;
    const closed = this.#closed;
    const callOff = patience(after, SILENCE_MS, () =>
      afterReading(() => {
        if (isOwed && this.#closed === closed) this.#redis.disconnect(true);
      }),
    );
    const over = () => {
      isOwed = false;
      callOff();
    };
    replies.then(over, over);
  }

  /**
   * ioredis' commandTimeout would count the time that this event loop was busy: its timer fires before the socket is read.
   * Here a reply that has arrived meanwhile is read first.
   */
  #inTime<T>(replies: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = new Error(`no reply within ${this.#timeoutMs} ms`);
      const callOff = after(this.#timeoutMs, () => afterReading(() => reject(late)));
      replies.finally(callOff).then(resolve, reject);
    });
  }
}

/** What has arrived meanwhile is read before this: timers come before sockets, and a process that was stopped finds both due. */
const afterReading = (then: () => void) => setImmediate(() => setImmediate(then));

/** Puts one call of a script on a pipeline. */
export function callScript(pipeline: ChainableCommander, { name }: Script, ...values: (string | number)[]): void {
  const commands = pipeline as unknown as Record<string, (...values: (string | number)[]) => unknown>;
  commands[name]?.(...values);
}
