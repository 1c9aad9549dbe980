// Mends how kafkajs 2.2.4 leaves out the records of aborted transactions: it takes note of one such transaction a record, in the order in which
// the broker names them, which is that of their ends. Where two overlap, or a fetch begins within two, records that were never committed are
// handed over. It also takes any record with the key of an abort's marker for one. Here they are told apart as Kafka's own consumer does, and
// handed on as markers, which kafkajs shows nobody and reads behind.
import { createRequire } from 'node:module';
import type { KafkaMessage } from 'kafkajs';
import { mendOnce } from './mend-once.ts';

interface Fetched {
  readonly offset: string;
  readonly key: KafkaMessage['key'];
  readonly isControlRecord?: boolean;
  /** Not in the format before transactions. */
  readonly batchContext?: { readonly inTransaction: boolean; readonly producerId: string };
}

interface Transaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

interface Partition {
  readonly messages: readonly Fetched[];
  readonly abortedTransactions?: readonly Transaction[] | null;
}

interface FetchResponse {
  readonly responses: readonly { readonly partitions: readonly Partition[] }[];
}

interface Broker {
  fetch(request: object): Promise<FetchResponse>;
}

/** A marker's key: version and kind, 0 for an abort. */
const ABORT = Buffer.from([0, 0, 0, 0]);

/** Patches the class once per process; calling it again changes nothing. */
export function mendAbortedRecords(): void {
  const brokerClass = createRequire(import.meta.url)('kafkajs/src/broker') as { prototype: Broker };
  mendOnce(brokerClass.prototype, (prototype) => {
    const { fetch } = prototype;
    prototype.fetch = async function (request) {
      const answer = await fetch.call(this, request);
      const responses = answer.responses.map((topic) => ({
        ...topic,
        partitions: topic.partitions.map(withoutAborted),
      }));
      return { ...answer, responses };
    };
  });
}

function withoutAborted(partition: Partition): Partition {
  const { messages, abortedTransactions } = partition;
  if (!abortedTransactions?.length) return partition;
  const begun = abortedTransactions.map(({ producerId, firstOffset }) => ({ producerId, from: BigInt(firstOffset) }));
  begun.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  const aborted = new Set<string>();
  let next = 0;
  const hidden = messages.map((message) => {
    const offset = BigInt(message.offset);
    for (let one = begun[next]; one && one.from <= offset; one = begun[++next]) aborted.add(one.producerId);
    const { batchContext, isControlRecord } = message;
    if (isControlRecord && message.key && ABORT.equals(message.key)) aborted.delete(String(batchContext?.producerId));
    const isAborted = batchContext?.inTransaction && aborted.has(batchContext.producerId);
    return isAborted ? { ...message, isControlRecord: true } : message;
  });
  return { ...partition, messages: hidden, abortedTransactions: [] };
}
