// A frame's Kafka envelope as it came, and what its bytes are said to be.

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** One record of the frames topic. `epoch` is that of the assignment it was fetched under. */
export interface FrameRecord extends TopicPartition {
  readonly offset: bigint;
  readonly epoch: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, Uint8Array>>;
  /** What it holds in memory, about, values of repeated headers included; where it is not said, key, value and headers together. */
  readonly bytes?: number;
  /** Record timestamp, epoch ms: the sender's, or the broker's where the topic says LogAppendTime. */
  readonly timestamp: number;
  /** Why it cannot be worked on, where the source found that: it stands for what could not be read, has no value and ends as a dead letter. */
  readonly unreadable?: string;
}

export interface Commit extends TopicPartition {
  /** Next offset to read: every record below it is settled. */
  readonly offset: bigint;
  readonly epoch: number;
  readonly metadata: string;
}

/** What the bytes are said to be: an encoded image (format found by its magic bytes), or raw pixels of a stated size. */
export type FrameFormat =
  | { readonly kind: 'image' }
  | { readonly kind: 'rgb24'; readonly width: number; readonly height: number };

/** Map key of a partition. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
