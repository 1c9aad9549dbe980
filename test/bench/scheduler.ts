// What one scheduling decision costs with few and with many frames waiting: it is taken before every stage run, on the Kafka thread.
import { performance } from 'node:perf_hooks';
import { ReadyQueue } from '../../src/core/ready-queue.ts';
import { overdue, schedule } from '../../src/core/scheduler.ts';
import { frame, latencyOf, table } from '../helpers/frames.ts';
import { median } from './median.ts';

const FEW = 20;
const MANY = 2000;
const DECISIONS = 200;

export function benchScheduler(rounds: number): object {
  const latency = latencyOf(1, 0.5);
  const settings = { maxBatch: 32, maxRunMs: 25 };
  const decide = (queue: ReadyQueue) => {
    const undecoded = { frames: 0, earliestDeadline: null, queued: 0, hasPatient: false, msPerFrame: 0 };
    const situation = { queue, now: 0, latency, table, settings, publishMs: 5, undecoded, hasRoom: true };
    overdue(situation, null);
    schedule(situation);
  };
  const sides = [queueOf(FEW), queueOf(MANY)] as const;
  const taken: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    for (const [side, queue] of sides.entries()) {
      const since = performance.now();
      for (let i = 0; i < DECISIONS; i++) decide(queue);
      if (round > 0) taken[side]?.push(((performance.now() - since) * 1000) / DECISIONS);
    }
  }
  const [few, many] = [median(taken[0]), median(taken[1])];
  const microseconds = { [`waiting${FEW}`]: round1(few), [`waiting${MANY}`]: round1(many) };
  return { bench: 'scheduler', rounds, microseconds, ratio: round1(many / few) };
}

function queueOf(size: number): ReadyQueue {
  const queue = new ReadyQueue(table);
  for (let i = 0; i < size; i++)
    queue.add(frame({ stage: i % 4, confidence: ((i * 37) % 100) / 100, deadline: 1e6 + i }));
  return queue;
}

const round1 = (value: number) => Math.round(value * 10) / 10;
