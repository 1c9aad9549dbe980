// FrameSource on a Kafka consumer group. kafkajs has no revoke callback and no cooperative protocol: every join of the group
// begins all that is owned anew under a higher epoch, at its committed offset. Members keep most of what they have (sticky-assigner.ts):
// only what a join gives to others is revoked. Between the broker's call to rebalance and the join, work and commits of the old
// epoch still count, so nothing is given up before it must be.
import { type Admin, type Consumer, type ConsumerConfig, type EachBatchPayload, PartitionAssigners } from 'kafkajs';
import { type Commit, type FrameRecord, partitionKey, type TopicPartition } from '../../core/frame-record.ts';
import { decodeOffsetMap } from '../../core/offset-map.ts';
import { AnytimeError, messageOf } from '../../errors.ts';
import type { FrameHandlers, FrameSource } from '../../ports.ts';
import { brokerError, isMetadataTooLarge, within } from './broker-error.ts';
import { createClient, type KafkaOptions, RETRY } from './client.ts';
import { type CommittedOffset, readCommittedOffsets } from './committed-offsets.ts';
import { ConsumerLife } from './consumer-life.ts';
import { toFrameRecord } from './frame-record.ts';
import { Readings } from './readings.ts';
import { createStickyAssigner } from './sticky-assigner.ts';

export interface KafkaFrameSourceOptions extends KafkaOptions {
  readonly topic: string;
  readonly groupId: string;
  /** Handed to kafkajs over our own values (sessionTimeout, maxBytesPerPartition …). */
  readonly consumerConfig?: Partial<ConsumerConfig>;
  readonly maxRestarts?: number;
  readonly retrying?: (reason: string, inMs: number) => void;
}

/** Bounds how soon a resume is felt: with every partition paused kafkajs sleeps that long. */
const MAX_WAIT_MS = 200;
/** One fetch of a partition may bring so much; with the slices below it is never more than a slice beyond a pause. */
const FETCH_BYTES = 512 * 1024;
/** Records handed over at once; a pause is felt after at most so many. */
const SLICE_RECORDS = 64;
const METADATA_TIMEOUT_MS = 5000;
/** Members learn of a rebalance by their heartbeat, and all wait for the last: with kafkajs' 3 s a new worker waits so long for its share. */
const HEARTBEAT_MS = 500;

/**
 * A consumer that gives up leaves a member behind that the group waits for until its session is over; one that goes on trying for
 * longer than a session keeps its place, or is told that it lost it. About 70 s in all.
 */
const PATIENCE = { ...RETRY, retries: 38 };

type SendCommit = EachBatchPayload['commitOffsetsIfNecessary'];

export class KafkaFrameSource implements FrameSource {
  readonly #topic: string;
  readonly #groupId: string;
  readonly #admin: Admin;
  readonly #life: ConsumerLife;
  readonly #sticky = createStickyAssigner();
  readonly #paused = new Map<string, TopicPartition>();
  readonly #readings = new Readings();
  /** Every partition's last epoch, owned or not. */
  readonly #epochs = new Map<string, number>();
  #handlers: FrameHandlers | null = null;
  #consumer: Consumer | null = null;
  #memberId: string | null = null;
  /** Partitions of the present assignment. */
  #owned = new Map<string, TopicPartition & { epoch: number }>();
  /** Those that the handlers were told of and that were not revoked since. */
  #announced: readonly TopicPartition[] = [];
  #announcing: Promise<void> = Promise.resolve();
  /**
   * Sends a commit at once under the consumer's present generation, without retries that could carry it into the next one. It stays over
   * joins, and goes with its consumer.
   */
  #sendCommit: SendCommit | null = null;
  #isStopped = false;

  constructor(options: KafkaFrameSourceOptions) {
    this.#topic = options.topic;
    this.#groupId = options.groupId;
    const kafka = createClient(options);
    this.#admin = kafka.admin();
    this.#life = new ConsumerLife({
      kafka: createClient({ ...options, clientConfig: { retry: PATIENCE, ...options.clientConfig } }),
      topics: [options.topic],
      config: {
        maxWaitTimeInMs: MAX_WAIT_MS,
        maxBytesPerPartition: FETCH_BYTES,
        heartbeatInterval: HEARTBEAT_MS,
        // The second only for a group whose other members know nothing else.
        partitionAssigners: [this.#sticky.assigner, PartitionAssigners.roundRobin],
        ...options.consumerConfig,
        groupId: options.groupId,
      },
      joined: (consumer, partitions, memberId) => this.#joined(consumer, partitions, memberId),
      batch: (payload) => this.#batch(payload),
      lost: () => this.#lost(),
      failed: (error) => this.#handlers?.failed(error),
      endOffset: () => this.#endOffset(),
      ...(options.retrying && { retrying: options.retrying }),
      ...(options.maxRestarts !== undefined && { maxRestarts: options.maxRestarts }),
    });
  }

  /**
   * Resolves when the group is joined and its first partitions are announced. Starts at the committed offset, else at the
   * beginning. Errors: broker-unavailable.
   */
  async start(handlers: FrameHandlers): Promise<void> {
    if (this.#handlers) throw new AnytimeError('stopped', 'Expected a source to be started once, got a second start');
    this.#handlers = handlers;
    try {
      await this.#admin.connect();
      const topics = await this.#admin.listTopics();
      if (!topics.includes(this.#topic)) {
        throw new AnytimeError(
          'broker-unavailable',
          `Expected topic "${this.#topic}" to exist; \`anytime worker --create-topics\` makes it`,
        );
      }
      await this.#life.start();
      await this.#announcing;
    } catch (error) {
      await this.stop();
      throw brokerError('to join the consumer group', error);
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#paused.set(partitionKey(partition), partition);
    this.#tell('pause', partitions);
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#paused.delete(partitionKey(partition));
    this.#tell('resume', partitions);
  }

  async commit(commits: readonly Commit[]): Promise<readonly Commit[]> {
    if (this.#isStopped) throw new AnytimeError('stopped', 'Expected commits before the source is stopped');
    const current = commits.filter((commit) => this.#owned.get(partitionKey(commit))?.epoch === commit.epoch);
    if (current.length === 0) return [];
    const topics = current.map(({ topic, partition, offset, metadata }) => ({
      topic,
      partitions: [{ partition, offset: String(offset), metadata }],
    }));
    try {
      // Records came before any commit, and with them the means to commit.
      if (!this.#sendCommit) throw new Error('this consumer has read nothing yet');
      await this.#sendCommit({ topics });
      return current;
    } catch (error) {
      // A broker that takes less: what the metadata says is lost, the offset is not. Asked anew, because the epoch may be over by now.
      if (isMetadataTooLarge(error) && current.some(({ metadata }) => metadata !== ''))
        return await this.commit(current.map((commit) => ({ ...commit, metadata: '' })));
      throw brokerError('to commit offsets', error);
    }
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await this.#life.stop();
    await within(METADATA_TIMEOUT_MS, 'the admin client to disconnect', this.#admin.disconnect()).catch(() => {});
  }

  #joined(consumer: Consumer, partitions: readonly TopicPartition[], memberId: string): void {
    // Who was given up by the group (another member id), or asked twice, may have missed that others had what it owns.
    const isContinuous = memberId === this.#memberId && !this.#sticky.hasMissed;
    const kept = new Set(isContinuous ? partitions.map(partitionKey) : []);
    this.#revoke((partition) => !kept.has(partitionKey(partition)));
    this.#sticky.own(partitions);
    this.#memberId = memberId;
    this.#consumer = consumer;
    this.#owned = new Map();
    // kafkajs keeps what was paused over a rebalance. An assignment begins unpaused: who pauses is told of it, and decides.
    this.#tell('resume', [...this.#paused.values()]);
    this.#paused.clear();
    for (const partition of partitions) {
      const key = partitionKey(partition);
      const epoch = (this.#epochs.get(key) ?? 0) + 1;
      this.#epochs.set(key, epoch);
      this.#owned.set(key, { ...partition, epoch });
    }
    this.#announcing = this.#announce(this.#owned);
  }

  /** Tells the handlers of an assignment once its commit metadata is read. Batches wait for it. */
  async #announce(assignment: Map<string, TopicPartition & { epoch: number }>): Promise<void> {
    let commits = new Map<number, CommittedOffset>();
    let problem: string | null = null;
    try {
      commits = await readCommittedOffsets(this.#admin, {
        groupId: this.#groupId,
        topic: this.#topic,
        timeoutMs: METADATA_TIMEOUT_MS,
        isWanted: () => this.#owned === assignment && !this.#isStopped,
      });
    } catch (error) {
      // Without it finished work above the committed offset is done again: slower, never wrong.
      problem = messageOf(error);
    }
    if (this.#owned !== assignment || this.#isStopped) return;
    this.#announced = [...assignment.values()];
    // Kept over a revocation too: whoever takes a partition over must not take new records for those that its commit calls settled.
    for (const owned of this.#announced) {
      const commit = commits.get(owned.partition);
      if (commit) this.#readings.wasReadUpTo(owned, readUpTo(commit));
    }
    this.#handlers?.assigned(
      [...assignment.values()].map((owned) => {
        const { offset = null, metadata = null } = commits.get(owned.partition) ?? {};
        return { ...owned, committed: offset, metadata, problem };
      }),
    );
  }

  async #endOffset(): Promise<bigint> {
    const ends = await within(METADATA_TIMEOUT_MS, 'end offsets', this.#admin.fetchTopicOffsets(this.#topic));
    return ends.reduce((sum, { partition, high }) => {
      const isOwned = this.#owned.has(partitionKey({ topic: this.#topic, partition }));
      return isOwned ? sum + BigInt(high) : sum;
    }, 0n);
  }

  #lost(): void {
    this.#owned = new Map();
    this.#consumer = null;
    this.#sendCommit = null;
    this.#revoke(() => true);
  }

  #revoke(isGone: (partition: TopicPartition) => boolean): void {
    const revoked = this.#announced.filter(isGone).map(({ topic, partition }) => ({ topic, partition }));
    this.#announced = this.#announced.filter((partition) => !isGone(partition));
    if (revoked.length > 0) this.#handlers?.revoked(revoked);
  }

  /** Hands over and returns: no work here, so that kafkajs heartbeats. What a pause leaves is fetched again later. */
  async #batch({ batch, resolveOffset, commitOffsetsIfNecessary }: EachBatchPayload): Promise<void> {
    const { topic, partition, messages } = batch;
    const key = partitionKey({ topic, partition });
    const assignment = this.#owned;
    const owned = assignment.get(key);
    if (!owned) return;
    await this.#announcing;
    const isCurrent = this.#owned === assignment;
    const { epoch } = isCurrent && this.#readings.hasLostItsEnd(batch, owned.epoch) ? this.#beginAnew(owned) : owned;
    this.#sendCommit = isCurrent ? commitOffsetsIfNecessary : this.#sendCommit;
    for (let from = 0; from < messages.length; from += SLICE_RECORDS) {
      if (this.#owned !== assignment || this.#paused.has(key) || this.#isStopped) return;
      const slice = messages.slice(from, from + SLICE_RECORDS);
      const records: FrameRecord[] = slice.map((message) => toFrameRecord(topic, partition, epoch, message));
      this.#handlers?.records(records);
      const last = records.at(-1)?.offset ?? 0n;
      this.#readings.tookUpTo(owned, last, epoch);
      resolveOffset(String(last));
    }
  }

  /** Nothing that is known of its offsets holds any more. */
  #beginAnew({ topic, partition }: TopicPartition): TopicPartition & { epoch: number } {
    const key = partitionKey({ topic, partition });
    const anew = { topic, partition, epoch: (this.#epochs.get(key) ?? 0) + 1 };
    this.#epochs.set(key, anew.epoch);
    this.#owned.set(key, anew);
    this.#readings.forget(anew);
    this.#handlers?.revoked([{ topic, partition }]);
    const problem = 'the log ends before what was read of it';
    this.#handlers?.assigned([{ ...anew, committed: null, metadata: null, problem }]);
    return anew;
  }

  #tell(what: 'pause' | 'resume', partitions: readonly TopicPartition[]): void {
    try {
      this.#consumer?.[what](partitions.map(({ topic, partition }) => ({ topic, partitions: [partition] })));
    } catch {
      // kafkajs refuses while its consumer is not running; then nothing is fetched, and the next assignment begins unpaused.
    }
  }
}

/** The offset after the last record that a commit calls settled. */
function readUpTo({ offset, metadata }: CommittedOffset): bigint {
  return decodeOffsetMap(metadata, offset).settled.at(-1)?.to ?? offset;
}
