// Carries the schedule's faults out on the workers and servers, and keeps book of them.
import { setTimeout as timeout } from 'node:timers/promises';
import { messageOf } from '../../errors.ts';
import type { AwaySpans } from './away-spans.ts';
import type { ChaosServices } from './chaos-services.ts';
import type { Crew } from './crew.ts';
import { orderRedis } from './redis-order.ts';
import { type Fault, type FaultKind, isOfRedis, isWipe } from './schedule.ts';

export interface InjectorOptions {
  readonly services: ChaosServices;
  readonly crew: Crew;
  readonly away: AwaySpans;
  readonly say: (line: string) => void;
  /** Epoch ms. */
  readonly now: () => number;
  /** Resolves after so many ms, or at once where the signal is given; node's own unless given. */
  readonly pause?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface Injected {
  readonly at: number;
  readonly kind: FaultKind;
  /** What it hit, for people. */
  readonly target: string;
}

export interface Injector {
  /** Carries them out as their time comes, `startAt` (epoch ms) being time 0; resolves when the last is over. */
  run(faults: readonly Fault[], startAt: number, signal: AbortSignal): Promise<void>;
  readonly injected: readonly Injected[];
  /** How often each kind came; `toggle` counts every worker added or removed. */
  counts(): Partial<Record<FaultKind, number>>;
}

/** A worker comes or goes at least this often while it is toggled, ms. */
const TOGGLE_EVERY_MS = 450;
const MOST_EXTRAS = 3;
const SLOW_MS = 40;

export function createInjector({ services, crew, away, say, now, pause = pauseFor }: InjectorOptions): Injector {
  const injected: Injected[] = [];
  const counts: Partial<Record<FaultKind, number>> = {};

  function note(kind: FaultKind, target: string): void {
    counts[kind] = (counts[kind] ?? 0) + 1;
    injected.push({ at: now(), kind, target });
    say(`${kind} ${target}`);
  }

  async function carryOut(fault: Fault): Promise<void> {
    const { kind, lastsMs, pick, server } = fault;
    switch (kind) {
      case 'kafka-restart':
        note(kind, 'Kafka');
        return await services.restartKafka(lastsMs);
      case 'redis-kill':
        note(kind, 'Redis');
        return await services.restartRedis(lastsMs);
      case 'redis-flush':
        note(kind, 'Redis');
        return void (await orderRedis(services.redisPort, 'FLUSHALL'));
      case 'redis-pause':
        note(kind, `Redis for ${lastsMs} ms`);
        await orderRedis(services.redisPort, `CLIENT PAUSE ${lastsMs} ALL`);
        return await pause(lastsMs);
      case 'cut':
        note(kind, `the connections to ${server} for ${lastsMs} ms`);
        return await doorOf(server).cut(lastsMs);
      case 'slow':
        note(kind, `the connections to ${server} for ${lastsMs} ms`);
        await doorOf(server).slow(SLOW_MS);
        await pause(lastsMs);
        return await doorOf(server).slow(0);
      case 'toggle':
        return await toggle(lastsMs);
      default:
        return await hitWorker(kind, lastsMs, pick);
    }
  }

  async function hitWorker(kind: FaultKind, lastsMs: number, pick: number): Promise<void> {
    const worker = crew.choose(pick);
    if (worker === null) return;
    note(kind, kind === 'sigstop' ? `${worker.name} for ${lastsMs} ms` : worker.name);
    if (kind === 'engine-crash') worker.crashEngine();
    else if (kind === 'sigstop') await crew.freeze(worker, lastsMs);
    else await crew.end(worker, kind === 'sigkill' ? 'SIGKILL' : 'SIGTERM', lastsMs);
  }

  /** Extra workers come, then go and come in turn, the oldest first, so that each has time to join; at the end all are gone. */
  async function toggle(lastsMs: number): Promise<void> {
    const until = now() + lastsMs;
    let extras = 0;
    for (let turn = 0; now() < until; turn++) {
      const adds = extras < MOST_EXTRAS - 1 || (turn % 2 === 0 && extras < MOST_EXTRAS);
      extras += adds ? 1 : -1;
      if (adds) crew.addExtra();
      else crew.removeExtra();
      note('toggle', adds ? 'a worker more' : 'a worker less');
      await pause(TOGGLE_EVERY_MS);
    }
    while (crew.removeExtra()) {
      note('toggle', 'a worker less');
      await pause(TOGGLE_EVERY_MS);
    }
  }

  const doorOf = (server: Fault['server']) => (server === 'kafka' ? services.kafkaDoor : services.redisDoor);

  return {
    injected,
    counts: () => ({ ...counts }),
    async run(faults, startAt, signal) {
      const under: Promise<void>[] = [];
      for (const fault of faults) {
        await pause(Math.max(0, startAt + fault.atMs - now()), signal);
        if (signal.aborted) break;
        const from = now();
        const carried = carryOut(fault)
          .catch((error) => say(`${fault.kind} failed: ${messageOf(error)}`))
          .finally(() => {
            if (isOfRedis(fault)) away.fault(from, now(), isWipe(fault));
            if (fault.kind.endsWith('restart') || fault.kind === 'redis-kill')
              say(`${fault.kind} over after ${now() - from} ms`);
          });
        under.push(carried);
      }
      await Promise.all(under);
    },
  };
}

async function pauseFor(ms: number, signal?: AbortSignal): Promise<void> {
  await timeout(ms, undefined, { signal }).catch(() => {}); // aborted: at once
}
