// One of two workers is killed while frames stream: how long first answers are away, and whether anything is run again that the dead
// worker had committed.
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '../../../evaluation/percentile.ts';
import type { ReceivedRecord } from '../../../ports.ts';
import { frameIdOf } from '../../frame-id.ts';
import type { Account } from '../account.ts';
import { numberOfFrameId } from '../frame-number.ts';
import { busyShare, processorTimes } from '../machine-busy.ts';
import { readWhole } from '../read-whole.ts';
import { recoveries } from '../recovery.ts';
import { RUN_UP_MS, type ScenarioOptions, withScene } from './set-up.ts';

export interface KillOneDocument {
  readonly scenario: 'kill-one';
  readonly frames: number;
  readonly rate: number;
  readonly sessionTimeoutMs: number;
  /** From the kill until all frames sent in the quarter of a second after it had their first answer. */
  readonly recoveryMs: number | null;
  /** Of frames sent once first answers must be back, from the sending to the first answer, ms: whether what waited is worked off, too. */
  readonly laterP99Ms: number | null;
  /** Share of the machine in the seconds before the kill, 0 … 1. */
  readonly machineBusy: number;
  /** Frames settled by a commit that was acknowledged before the kill, those of the dead worker, and how many of all had a record after it. */
  readonly committed: number;
  readonly committedByDead: number;
  readonly committedRunAgain: number;
  readonly lost: number;
  readonly duplicates: { readonly coarse: number; readonly refined: number; readonly final: number };
  readonly isPassed: boolean;
}

const BUSY_MS = 6000;
/** After the session timeout, what is promised; and how long frames go on after it. */
const ALLOWED_MS = 2000;
const GO_ON_MS = 5000;
/** A record on its way as its worker was killed is no second run. */
const ON_ITS_WAY_MS = 200;

export async function killOne(options: ScenarioOptions): Promise<KillOneDocument> {
  const { rate, sessionTimeoutMs, say, services } = options;
  /** Committable offset by partition, as the workers told it. */
  const told = new Map<number, { readonly offset: bigint; readonly by: string }>();
  const lastPublishedAt = new Map<number, number>();
  const heard = (by: string, line: Readonly<Record<string, unknown>>) => {
    if (line['event'] !== 'committed') return;
    const [partition, offset] = [Number(line['partition']), BigInt(String(line['offset']))];
    if (offset > (told.get(partition)?.offset ?? 0n)) told.set(partition, { offset, by });
  };
  const seen = ({ result }: ReceivedRecord) => {
    const n = result === null ? null : numberOfFrameId(result.id);
    if (n !== null) lastPublishedAt.set(n, Math.max(lastPublishedAt.get(n) ?? 0, result?.publishedAt ?? 0));
  };
  const scene = { workers: 2, partitions: 4, heard, seen, flags: ['--log-level', 'debug'] };
  return await withScene(options, scene, async ({ account, crew, field, send, untilOpen, isWhole }) => {
    const enough = new AbortController();
    const sending = send(rate, enough.signal);
    await pause(RUN_UP_MS - BUSY_MS);
    const times = processorTimes();
    await pause(BUSY_MS);
    const machineBusy = busyShare(times, processorTimes());
    const victim = crew.choose(0);
    const killedAt = Date.now();
    const committed = new Map(told);
    say(`${victim?.name} is killed`);
    if (victim !== null) void crew.end(victim, 'SIGKILL', 1e9);
    await pause(sessionTimeoutMs + ALLOWED_MS + GO_ON_MS);
    enough.abort();
    await sending;
    await untilOpen(0);
    const offsets = await offsetsOf(services.brokers, field);
    const isCommitted = ({ partition, offset }: ReceivedRecord) => offset < (committed.get(partition)?.offset ?? 0n);
    const settledRecords = [...offsets].filter(([, record]) => isCommitted(record));
    const settled = settledRecords.map(([n]) => n);
    const byDead = settledRecords.filter(([, { partition }]) => committed.get(partition)?.by === victim?.name);
    const again = settled.filter((n) => (lastPublishedAt.get(n) ?? 0) > killedAt + ON_ITS_WAY_MS);
    const { frames, lost, duplicates } = account.summary([]);
    const recoveryMs = recoveries(account, [killedAt], options.frames)[0] ?? null;
    return {
      ...{ scenario: 'kill-one', frames, rate, sessionTimeoutMs, recoveryMs, machineBusy, lost, duplicates },
      laterP99Ms: percentile(waitsSince(account, killedAt + sessionTimeoutMs + ALLOWED_MS, options.frames), 99),
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

/** Of the frames sent from then on (epoch ms) that were answered, ms; those whose own deadline was over are not. */
function waitsSince(account: Account, since: number, frames: number): number[] {
  return Array.from({ length: frames }, (_, n) => {
    const [sentAt, answeredAt] = [account.sentAt(n), account.firstAnswerAt(n)];
    return sentAt === null || sentAt < since || answeredAt === null ? [] : answeredAt - sentAt;
  }).flat();
}

/** Where each frame stands on its topic. */
async function offsetsOf(
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
