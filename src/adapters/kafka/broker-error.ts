// What kafkajs throws, as the product's one error.
import { withRefusal } from '../../core/connection-refusal.ts';
import { AnytimeError, messageOf } from '../../errors.ts';

/**
 * broker-unavailable with the reason. Retriable unless the broker said that the same request will never do (too large, not
 * allowed …). An AnytimeError stays what it is.
 */
export function brokerError(expected: string, cause: unknown): AnytimeError {
  if (cause instanceof AnytimeError) return cause;
  const message = withRefusal(`Expected ${expected}, got: ${messageOf(cause)}`, cause);
  return new AnytimeError('broker-unavailable', message, { retriable: isRetriable(cause), cause });
}

/** kafkajs' error classes can't be imported by name from ESM: they are told by their name. */
function isRetriable(thrown: unknown): boolean {
  if (thrown instanceof Error && thrown.name === 'KafkaJSNumberOfRetriesExceeded') return true;
  const cause = originOf(thrown);
  if (cause instanceof TypeError || cause instanceof RangeError) return false; // what was asked cannot be sent at all
  if (!(cause instanceof Error && cause.name.startsWith('KafkaJS'))) return true; // sockets, timeouts
  if (cause.name.includes('Connection')) return true;
  const { retriable, type } = cause as Error & { retriable?: boolean; type?: string };
  return retriable === true || OF_AN_OLD_GENERATION.has(type ?? '') || OF_AN_OLD_PRODUCER.has(type ?? '');
}

/** The broker takes less metadata with a commit (offset.metadata.max.bytes) than was given. */
export function isMetadataTooLarge(thrown: unknown): boolean {
  return protocolTypeOf(thrown) === 'OFFSET_METADATA_TOO_LARGE';
}

/** This user may not write there: a smaller record may not either. */
export function isRefusedToUser(thrown: unknown): boolean {
  return /_AUTHORIZATION_FAILED$/.test(String(protocolTypeOf(thrown)));
}

/** Sending less of it would not help: the broker may take it later, or takes nothing of the kind from this user. */
export function isNotForItsSize(thrown: unknown): boolean {
  return (thrown instanceof AnytimeError && thrown.retriable) || isRefusedToUser(thrown);
}

/** The broker's own name for what it refused, where it was the broker. */
function protocolTypeOf(thrown: unknown): unknown {
  return (originOf(thrown) as { type?: unknown } | null)?.type;
}

/** The first cause: kafkajs wraps what ended its retries, and marks the wrapping as not retriable whatever it was. */
export function originOf(thrown: unknown): unknown {
  return thrown instanceof Error && thrown.cause instanceof Error ? originOf(thrown.cause) : thrown;
}

/** The group is on its way to a new assignment: after it the commit's epoch is old, and the commit is dropped. */
const OF_AN_OLD_GENERATION = new Set([
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'REBALANCE_IN_PROGRESS',
  'NOT_COORDINATOR_FOR_GROUP',
]);

/** The broker knows the producer otherwise, as when a log has lost its end: a new one, which any failure brings, can send it. */
const OF_AN_OLD_PRODUCER = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
]);

/** The same promise, rejected when it takes longer than `ms`; what it was waiting for goes on unheeded. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new AnytimeError('broker-unavailable', `Expected ${what} within ${ms} ms`, { retriable: true });
    timer = setTimeout(() => reject(error), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
