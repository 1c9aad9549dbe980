// How busy the machine's processors are: with nothing left of them, whatever is measured waits for its turn.
import { cpus } from 'node:os';

/** Of all processors since the machine's start, ms. */
export interface ProcessorTimes {
  readonly busyMs: number;
  readonly idleMs: number;
}

export function processorTimes(): ProcessorTimes {
  const times = cpus().map(({ times }) => times);
  const sum = (of: (time: (typeof times)[number]) => number) => times.reduce((ms, time) => ms + of(time), 0);
  return { busyMs: sum(({ user, nice, sys, irq }) => user + nice + sys + irq), idleMs: sum(({ idle }) => idle) };
}

/** Between two readings, 0 … 1. Pure. */
export function busyShare(from: ProcessorTimes, to: ProcessorTimes): number {
  const [busyMs, idleMs] = [to.busyMs - from.busyMs, to.idleMs - from.idleMs];
  return Math.round((busyMs / Math.max(1, busyMs + idleMs)) * 1000) / 1000;
}
