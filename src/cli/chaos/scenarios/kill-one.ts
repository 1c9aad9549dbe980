// One of two workers is killed while frames stream: how long first answers are away, and whether anything is run again that the dead
// worker had committed.
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '../../../adapters/kafka/client.ts';
import { percentile } from '../../../evaluation/percentile.ts';
import type { ReceivedRecord } from '../../../ports.ts';
import { frameIdOf } from '../../frame-id.ts';
import type { Account } from '../account.ts';
import type { LogLine } from '../chaos-worker.ts';
import { numberOfFrameId } from '../frame-number.ts';
import { busyShare, processorTimes } from '../machine-busy.ts';
import { readWhole } from '../read-whole.ts';
import { recoveries } from '../recovery.ts';
import { RUN_UP_MS, type ScenarioOptions, withScene } from './set-up.ts';
import { settledOffsets } from './settled-offsets.ts';

export interface KillOneDocument {
  readonly scenario: 'kill-one';
  readonly frames: number;
  readonly rate: number;
  readonly sessionTimeoutMs: number;
  /** From the kill until all frames sent in the quarter of a second after it had their first answer. */
  readonly recoveryMs: number | null;
  /** p99 of first answers, ms, of frames sent in the seconds before the kill: a load that two workers do not hold shows here … */
  readonly beforeP99Ms: number | null;
  /** … and of those sent once first answers must be back: whether what waited is worked off, too. */
  readonly laterP99Ms: number | null;
  /** Share of the machine in the seconds before the kill, 0 … 1. */
  readonly machineBusy: number;
  /** Frames that commits had settled at the kill, those on the dead worker's partitions, and how many of all had a record after it. */
  readonly committed: number;
  readonly committedByDead: number;
  readonly committedRunAgain: number;
  readonly lost: number;
  readonly duplicates: { readonly coarse: number; readonly refined: number; readonly final: number };
  readonly isPassed: boolean;
}

/** Looked at before the kill. */
const BEFORE_MS = 6000;
/** After the session timeout, what is promised; and how long frames go on after it. */
const ALLOWED_MS = 2000;
const GO_ON_MS = 5000;
/** A record on its way as its worker was killed is no second run. */
const ON_ITS_WAY_MS = 200;

export async function killOne(options: ScenarioOptions): Promise<KillOneDocument> {
  const { rate, sessionTimeoutMs, say, services } = options;
  const assignedTo = new Map<number, string>();
  const lastPublishedAt = new Map<number, number>();
  const heard = (name: string, { event, partition }: LogLine) => {
    if (event === 'assigned') assignedTo.set(Number(partition), name);
  };
  const seen = ({ result }: ReceivedRecord) => {
    const n = result === null ? null : numberOfFrameId(result.id);
    if (n !== null) lastPublishedAt.set(n, Math.max(lastPublishedAt.get(n) ?? 0, result?.publishedAt ?? 0));
  };
  const scene = { workers: 2, partitions: 4, heard, seen };
  return await withScene(options, scene, async ({ account, crew, field, send, untilOpen, isWhole }) => {
    const admin = createClient({ brokers: services.brokers }).admin();
    await admin.connect();
    const enough = new AbortController();
    const sending = send(rate, enough.signal);
    await pause(RUN_UP_MS - BEFORE_MS);
    const times = processorTimes();
    await pause(BEFORE_MS);
    const machineBusy = busyShare(times, processorTimes());
    const ownerAtKill = new Map(assignedTo);
    const isSettled = await settledOffsets(admin, { groupId: field.groupId, topic: field.framesTopic });
    await admin.disconnect();
    const victim = crew.choose(0);
    const killedAt = Date.now();
    say(`${victim?.name} is killed`);
    if (victim !== null) void crew.end(victim, 'SIGKILL', 1e9);
    await pause(sessionTimeoutMs + ALLOWED_MS + GO_ON_MS);
    enough.abort();
    await sending;
    await untilOpen(0);
    const settled = [...(await recordsOf(services.brokers, field))].filter(([, record]) => isSettled(record));
    const byDead = settled.filter(([, { partition }]) => ownerAtKill.get(partition) === victim?.name);
    const again = settled.filter(([n]) => (lastPublishedAt.get(n) ?? 0) > killedAt + ON_ITS_WAY_MS);
    const { frames, lost, duplicates } = account.summary([]);
    const recoveryMs = recoveries(account, [killedAt], options.frames)[0] ?? null;
    const backAt = killedAt + sessionTimeoutMs + ALLOWED_MS;
    const p99 = (from: number, to: number) => percentile(waits(account, options.frames, from, to), 99);
    return {
      ...{ scenario: 'kill-one', frames, rate, sessionTimeoutMs, recoveryMs, machineBusy, lost, duplicates },
      ...{ beforeP99Ms: p99(killedAt - BEFORE_MS, killedAt - ALLOWED_MS), laterP99Ms: p99(backAt, Infinity) },
      ...{ committed: settled.length, committedByDead: byDead.length, committedRunAgain: again.length },
      isPassed:
        (await isWhole()) &&
        again.length === 0 &&
        byDead.length > 0 &&
        recoveryMs !== null &&
        recoveryMs <= sessionTimeoutMs + ALLOWED_MS,
    };
  });
}

/** First answers of frames sent between (epoch ms), ms; frames without any, as those whose own deadline was over, are left out. */
function waits(account: Account, frames: number, from: number, to: number): number[] {
  return Array.from({ length: frames }, (_, n) => {
    const [sentAt, waitMs] = [account.sentAt(n), account.firstAnswerWaitMs(n)];
    return sentAt === null || sentAt < from || sentAt >= to || waitMs === null || waitMs === Infinity ? [] : waitMs;
  }).flat();
}

/** Where each frame stands on its topic. */
async function recordsOf(
  brokers: readonly string[],
  { framesTopic, topics }: { framesTopic: string; topics: { coarse: string; refined: string; deadLetters: string } },
): Promise<Map<number, ReceivedRecord>> {
  const found = new Map<number, ReceivedRecord>();
  await readWhole(brokers, { ...topics, coarse: framesTopic }, (record) => {
    const n = record.topic === framesTopic ? numberOfFrameId(frameIdOf(record)) : null;
    if (n !== null && !found.has(n)) found.set(n, record);
  });
  return found;
}
