// The partition of a key as Kafka's own clients choose it (murmur2). kafkajs 2.2.4 computes the same with numbers that grow with the
// key: one of 300 KB blocks the event loop for seconds. Records without a key are left to kafkajs.
import { type ICustomPartitioner, Partitioners } from 'kafkajs';

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

export const createPartitioner: ICustomPartitioner = () => {
  const keyless = Partitioners.DefaultPartitioner();
  return (args) => {
    const { key, partition } = args.message;
    if (!Buffer.isBuffer(key) || (partition !== null && partition !== undefined)) return keyless(args);
    return (murmur2(key) & 0x7fffffff) % args.partitionMetadata.length;
  };
};

/** 32 bits, with or without a sign. */
export function murmur2(key: Buffer): number {
  const whole = key.length - (key.length % 4);
  let hash = SEED ^ key.length;
  for (let at = 0; at < whole; at += 4) {
    const mixed = Math.imul(key.readInt32LE(at), MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(mixed ^ (mixed >>> 24), MULTIPLIER);
  }
  if (whole < key.length) hash = Math.imul(hash ^ key.readUIntLE(whole, key.length - whole), MULTIPLIER);
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}
