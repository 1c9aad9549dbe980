// The stage thread steps back behind the thread that talks to Kafka, and behind decoding: where they share a processor, heartbeats,
// first answers and publishing come before kernels. Linux only, where a thread has a priority of its own; elsewhere nothing happens.
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Niceness: about a third of the weight of a normal thread. Threads that the native library starts later inherit it. */
const NICENESS = 10;

export function lowerThreadPriority(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(thread, NICENESS);
  } catch {
    // no /proc, or not allowed: priorities stay equal
  }
}
